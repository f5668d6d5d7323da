/** What people and programs send to apps on an ordinary day, with everything in it that only looks like an attack. */
import { request, type RawRequest, type Shape } from './requests.ts';

export const HOSTS = {
  wordpress: 'example.com',
  n8n: 'n8n.example.com',
  webhook: 'webhook.example.com',
  nextcloud: 'cloud.example.com',
  registry: 'registry.example.com',
} as const;

export interface Ordinary {
  readonly app: 'WordPress' | 'n8n' | 'Nextcloud' | 'registry';
  readonly what: string;
  readonly request: RawRequest;
}

const JPEG = Buffer.concat([
  Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16]),
  Buffer.from('JFIF\0'),
  Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 197) % 256)),
]);
const UUID = 'b1946ac9-2492-4d23-8f5a-6f1f0b6f9b7c';
const DIGEST = 'sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae';
const DIGEST_IN_QUERY = encodeURIComponent(DIGEST);

/** Text as people write it: quotes, dashes, prices, questions, two languages and a little of how-to. */
const SENTENCES = [
  "L'été, c'est l'heure d'ouvrir jusqu'à 20 h : venez à l'atelier !",
  'Do you ship to Ireland? I\'d like 2 x "Large" & one small - thanks.',
  "It's $5 off (or 10%) if you order before 12/31; see the terms & conditions.",
  'Select the size from the list, then update your order and drop us a line.',
  "My e-mail is jane.o'neil+shop@example.org, call me at +32 (0)2 123.45.67",
  'Rock\'n\'roll or nothing: "either / or" is where I draw the line.',
  'Union of the two groups: all or none may select a delegate.',
  'Great post! See https://example.org/a/b?c=1&d=2#e for more.',
  'Temperature < 5 °C and > -10 °C, and the price is 100 % right.',
  'Schönes Geschäft; “wirklich” gut – vielen Dank!',
];

const SEARCHES = [
  "l'atelier",
  'size 38 or 39',
  'select comfort mattress',
  'drop earrings',
  'union jack flag',
  'rock & roll',
  'c++ book',
  '50% off',
  "o'neill",
  'café crème',
];

const PAGES = [
  '/',
  '/about/',
  '/2026/11/28/hello-world/',
  '/category/news/page/2/',
  '/feed/',
  '/wp-sitemap.xml',
  '/robots.txt',
  '/favicon.ico',
  '/wp-content/themes/twentytwentyfive/style.css?ver=1.3',
  '/wp-content/uploads/2026/11/photo-1-1024x683.jpg',
  '/wp-includes/js/jquery/jquery.min.js?ver=3.7.1',
  '/wp-json/',
  '/wp-json/wp/v2/posts?per_page=10&page=1&_embed=1&orderby=date&order=desc',
  '/wp-json/oembed/1.0/embed?url=https%3A%2F%2Fexample.com%2Fabout%2F',
  '/?utm_source=newsletter&utm_medium=email&utm_campaign=winter_2026&fbclid=IwAR0abcDEF_123-xyz',
  '/?p=123&preview=true&_thumbnail_id=45',
  '/wp-login.php?redirect_to=https%3A%2F%2Fexample.com%2Fwp-admin%2F&reauth=1',
  '/wp-admin/load-scripts.php?c=1&load%5Bchunk_0%5D=jquery-core,jquery-migrate,utils,wp-hooks&ver=6.8',
  '/wp-admin/load-styles.php?c=0&dir=ltr&load%5Bchunk_0%5D=dashicons,admin-bar,common,forms&ver=6.8',
  '/wp-admin/post.php?post=12&action=edit',
  '/wp-admin/edit.php?s=hello&post_status=all&post_type=post&action=-1&m=0&cat=0&paged=1&action2=-1',
  '/wp-admin/plugins.php?plugin_status=all&paged=1&s',
];

const BLOCKS = SENTENCES.map(
  (sentence, index) =>
    `<!-- wp:heading {"level":2} --><h2 class="wp-block-heading">Part ${index}</h2><!-- /wp:heading -->\n` +
    `<!-- wp:paragraph --><p>${sentence} <a href="https://example.org/?a=1&amp;b=2" target="_blank" rel="noreferrer noopener">read on</a></p><!-- /wp:paragraph -->\n` +
    '<!-- wp:image {"id":45,"sizeSlug":"large"} --><figure class="wp-block-image size-large"><img src="https://example.com/wp-content/uploads/2026/11/photo.jpg" alt="" class="wp-image-45"/></figure><!-- /wp:image -->\n' +
    '<!-- wp:code --><pre class="wp-block-code"><code>SELECT name FROM users WHERE id = 1; -- and then: sudo cat /var/log/syslog | grep error</code></pre><!-- /wp:code -->',
);

const wordpressCookie =
  'wordpress_logged_in_7f3a=admin%7C1795000000%7CmX2b1Qk%7Cd3adb33f; wp-settings-1=libraryContent%3Dbrowse%26editor%3Dtinymce; wp-settings-time-1=1794000000; _ga=GA1.2.1234567890.1794000000';

function wordpress(): readonly Ordinary[] {
  const to = (what: string, method: string, path: string, shape: Shape = {}): Ordinary => ({
    app: 'WordPress',
    what,
    request: request(method, path, {
      host: HOSTS.wordpress,
      ...shape,
      headers: { Cookie: wordpressCookie, ...shape.headers },
    }),
  });
  const api = {
    'X-WP-Nonce': 'a1b2c3d4e5',
    Referer: `https://${HOSTS.wordpress}/wp-admin/post.php?post=12&action=edit`,
  };
  return [
    ...PAGES.map((path) => to(`page ${path}`, 'GET', path)),
    ...SEARCHES.map((words) => to(`search for ${words}`, 'GET', `/?${new URLSearchParams({ s: words }).toString()}`)),
    ...SENTENCES.map((comment) =>
      to('a comment', 'POST', '/wp-comments-post.php', {
        form: {
          comment,
          author: "Jane O'Neil",
          email: 'jane@example.org',
          url: 'https://example.org/',
          submit: 'Post Comment',
          comment_post_ID: '12',
          comment_parent: '0',
        },
      }),
    ),
    to('a log-in', 'POST', '/wp-login.php', {
      form: {
        log: 'admin',
        pwd: 'C0rrect-h0rse;battery$staple!--',
        rememberme: 'forever',
        'wp-submit': 'Log In',
        redirect_to: `https://${HOSTS.wordpress}/wp-admin/`,
        testcookie: '1',
      },
    }),
    ...BLOCKS.flatMap((content, index) => [
      to('a post saved', 'POST', '/wp-json/wp/v2/posts/12?_locale=user', {
        headers: { ...api, 'X-HTTP-Method-Override': 'PUT' },
        json: { id: 12, title: `Part ${index}`, content, status: 'publish', excerpt: SENTENCES[index] },
      }),
      to('a draft saved by itself', 'POST', '/wp-json/wp/v2/posts/12/autosaves?_locale=user', {
        headers: api,
        json: { id: 12, content },
      }),
    ]),
    to('the heart beats', 'POST', '/wp-admin/admin-ajax.php', {
      form: {
        interval: '10',
        _nonce: '0a1b2c3d4e',
        action: 'heartbeat',
        screen_id: 'post',
        has_focus: 'true',
        'data[wp-refresh-post-lock][post_id]': '12',
      },
    }),
    to('options saved', 'POST', '/wp-admin/options.php', {
      form: {
        option_page: 'general',
        action: 'update',
        _wpnonce: 'a1b2c3d4e5',
        _wp_http_referer: '/wp-admin/options-general.php',
        blogname: "L'Atelier & Co.",
        blogdescription: 'Just another "site" — since 1998',
        siteurl: `https://${HOSTS.wordpress}`,
        date_format: 'j F Y',
        time_format: 'G \\h i \\m\\i\\n',
      },
    }),
    to('a picture', 'POST', '/wp-admin/async-upload.php', {
      parts: [
        { name: 'name', content: 'photo 1 (final).jpg' },
        { name: 'action', content: 'upload-attachment' },
        { name: '_wpnonce', content: '0a1b2c3d4e' },
        { name: 'async-upload', filename: 'photo 1 (final).jpg', type: 'image/jpeg', content: JPEG },
      ],
    }),
    to('a picture through the interface', 'POST', '/wp-json/wp/v2/media?_locale=user', {
      headers: api,
      parts: [{ name: 'file', filename: "l'atelier.jpg", type: 'image/jpeg', content: JPEG }],
    }),
    to('the cron of others', 'POST', '/wp-cron.php?doing_wp_cron=1794000000.1234560012817382812500', {
      headers: { 'User-Agent': `WordPress/6.8; https://${HOSTS.wordpress}` },
    }),
  ];
}

const CODE = [
  'const items = $input.all();\nfor (const item of items) { item.json.total = item.json.price * (1 + item.json.vat); }\nreturn items;',
  "const crypto = require('crypto');\nreturn [{ json: { hash: crypto.createHash('sha256').update($json.body).digest('hex') } }];",
  "SELECT id, name FROM customers WHERE created_at > now() - interval '1 day' ORDER BY id; -- new ones",
  "UPDATE orders SET status = 'paid' WHERE id = {{ $json[\"order_id\"] }} AND status <> 'paid'",
  'curl -s https://example.org/status | grep "ok" && echo done; cat /tmp/report.csv',
  '<html><body><h1 style="color:red">{{ $json.title }}</h1><script src="https://cdn.example.org/x.js"></script></body></html>',
  '={{ $json["headers"]["user-agent"].includes("bot") ? "yes" : "no" }}',
  'import json, os\nreturn [{"json": json.loads(open("/data/in.json").read())}]',
  "={{ DateTime.now().minus({ days: 1 }).toFormat('yyyy-LL-dd') }}",
  '={{ $("HTTP Request").item.json.results.map(r => `${r.id}: ${r.name}`).join("\\n") }}',
];

function n8n(): readonly Ordinary[] {
  const to = (what: string, method: string, path: string, shape: Shape = {}): Ordinary => ({
    app: 'n8n',
    what,
    request: request(method, path, {
      host: HOSTS.n8n,
      ...shape,
      headers: {
        Cookie: 'n8n-auth=eyJhbGciOiJIUzI1NiJ9.eyJpZCI6IjEifQ.c2lnbmF0dXJl',
        'browser-id': UUID,
        'push-ref': 'abc123def4',
        ...shape.headers,
      },
    }),
  });
  const hook = (what: string, shape: Shape): Ordinary => ({
    app: 'n8n',
    what,
    request: request('POST', `/webhook/${UUID}`, { host: HOSTS.webhook, ...shape }),
  });
  const workflow = (code: string, index: number): unknown => ({
    id: 'aBcD1234',
    name: `Orders, part ${index}`,
    active: false,
    nodes: [
      {
        id: UUID,
        name: 'Schedule',
        type: 'n8n-nodes-base.scheduleTrigger',
        position: [0, 0],
        parameters: { rule: { interval: [{ field: 'cronExpression', expression: '0 */6 * * 1-5' }] } },
      },
      {
        id: `${UUID}2`,
        name: 'Code',
        type: 'n8n-nodes-base.code',
        position: [200, 0],
        parameters: { jsCode: code, query: code },
      },
    ],
    connections: { Schedule: { main: [[{ node: 'Code', type: 'main', index: 0 }]] } },
    settings: { executionOrder: 'v1', timezone: 'Europe/Brussels' },
    versionId: UUID,
  });
  return [
    to('the editor', 'GET', '/workflow/aBcD1234'),
    to('its settings', 'GET', '/rest/settings'),
    to('a log-in', 'POST', '/rest/login', {
      json: { emailOrLdapLoginId: 'ops@example.com', password: 'p@ss\'w0rd;--"x' },
    }),
    to(
      'workflows',
      'GET',
      `/rest/workflows?includeScopes=true&filter=${encodeURIComponent('{"isArchived":false}')}&skip=0&take=50&sortBy=updatedAt:desc`,
    ),
    to(
      'executions',
      'GET',
      `/rest/executions?filter=${encodeURIComponent('{"workflowId":"aBcD1234","status":["success","error"]}')}&limit=20`,
    ),
    to('node types', 'GET', '/types/nodes.json'),
    ...CODE.flatMap((code, index) => [
      to('a workflow saved', 'PATCH', `/rest/workflows/aBcD1234?forceSave=false`, { json: workflow(code, index) }),
      to('a workflow tried', 'POST', '/rest/workflows/aBcD1234/run?partialExecutionVersion=2', {
        json: { workflowData: workflow(code, index), runData: {}, startNodes: [] },
      }),
    ]),
    to('a credential saved', 'POST', '/rest/credentials', {
      json: {
        name: 'Shop database',
        type: 'postgres',
        data: { host: 'db.example.org', database: 'shop', user: 'n8n', password: 'a\'b"c;d--e', ssl: 'disable' },
      },
    }),
    to('what a list may hold', 'POST', '/rest/dynamic-node-parameters/options', {
      json: {
        path: 'parameters.tableId',
        nodeTypeAndVersion: { name: 'n8n-nodes-base.postgres', version: 2.6 },
        currentNodeParameters: { operation: 'select', where: { values: [{ column: 'id', condition: 'equal' }] } },
        methodName: 'getColumns',
      },
    }),
    ...SENTENCES.map((message) => hook('a form that calls a webhook', { form: { name: "Jane O'Neil", message } })),
    ...SENTENCES.map((message) =>
      hook('a program that calls a webhook', {
        headers: {
          'User-Agent': 'GitHub-Hookshot/0a1b2c3',
          'X-GitHub-Event': 'push',
          'X-Hub-Signature-256': 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
        },
        json: {
          ref: 'refs/heads/main',
          repository: { full_name: 'shop/site', html_url: 'https://github.com/shop/site' },
          commits: [{ id: '0a1b2c3', message, author: { name: "Jane O'Neil", email: 'jane@example.org' } }],
        },
      }),
    ),
    hook('an event of a payment', {
      headers: {
        'User-Agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
        'Stripe-Signature': 't=1794000000,v1=5257a869e7ecebeda32affa62cdca3fa51cad7e77a0e56ff536d0ce8e108d8bd',
      },
      json: {
        id: 'evt_1',
        type: 'checkout.session.completed',
        data: { object: { amount_total: 4200, currency: 'eur', metadata: { order: '#1042' } } },
      },
    }),
  ];
}

const DAV = '<?xml version="1.0" encoding="UTF-8"?>\n';
const FIND = `${DAV}<d:propfind xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns"><d:prop><d:getlastmodified/><d:getetag/><d:resourcetype/><oc:id/><oc:permissions/></d:prop></d:propfind>`;
const NAMES = [
  "Holiday 2026/l'été.jpg",
  'Notes & ideas.md',
  'Budget (final) v2.xlsx',
  'select from menu.txt',
  'Contract – signed.pdf',
  'café.odt',
  'a+b=c.txt',
  '100% done.txt',
  'It\'s "here".docx',
  'backup.tar.gz',
];
const fileUrl = (name: string): string =>
  `/remote.php/dav/files/jane/${name.split('/').map(encodeURIComponent).join('/')}`;
const EVENT = `BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//EN\r\nBEGIN:VEVENT\r\nUID:${UUID}\r\nDTSTAMP:20261128T090000Z\r\nDTSTART;TZID=Europe/Brussels:20261201T090000\r\nRRULE:FREQ=WEEKLY;BYDAY=MO,WE\r\nSUMMARY:Jane's meeting; "weekly"\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n`;
const CARD = `BEGIN:VCARD\r\nVERSION:3.0\r\nUID:${UUID}\r\nFN:Jane O'Neil\r\nN:O'Neil;Jane;;;\r\nEMAIL;TYPE=HOME:jane@example.org\r\nTEL;TYPE=CELL:+32 2 123 45 67\r\nEND:VCARD\r\n`;

function nextcloud(): readonly Ordinary[] {
  const to = (what: string, method: string, path: string, shape: Shape = {}): Ordinary => ({
    app: 'Nextcloud',
    what,
    request: request(method, path, {
      host: HOSTS.nextcloud,
      ...shape,
      headers: {
        Authorization: `Basic ${Buffer.from('jane:app-password').toString('base64')}`,
        'User-Agent':
          'Mozilla/5.0 (Linux) mirall/3.17.2 (Nextcloud, debian-6.12 ClientArchitecture: x86_64 OsArchitecture: x86_64)',
        'X-Request-ID': UUID,
        ...shape.headers,
      },
    }),
  });
  const xml = { 'Content-Type': 'application/xml; charset=utf-8' };
  const away = (name: string): string => `https://${HOSTS.nextcloud}${fileUrl(name)}`;
  return [
    to('is it there', 'GET', '/status.php'),
    to('capabilities', 'GET', '/ocs/v2.php/cloud/capabilities?format=json', { headers: { 'OCS-APIRequest': 'true' } }),
    to('the web interface', 'GET', '/apps/files/files?dir=/Holiday%202026'),
    to('a log-in', 'POST', '/index.php/login', {
      form: {
        user: 'jane',
        password: "it's;a--secret",
        timezone: 'Europe/Brussels',
        timezone_offset: '1',
        requesttoken: 'bGV0bWVpbg==:cGxlYXNl',
      },
    }),
    to('notifications', 'GET', '/ocs/v2.php/apps/notifications/api/v2/notifications', {
      headers: { 'OCS-APIRequest': 'true', 'If-None-Match': '"0a1b2c3d"' },
    }),
    to('shares', 'POST', '/ocs/v2.php/apps/files_sharing/api/v1/shares?format=json', {
      headers: { 'OCS-APIRequest': 'true' },
      form: { path: "/Holiday 2026/l'été.jpg", shareType: '3', note: SENTENCES[0]! },
    }),
    ...['0', '1'].map((depth) =>
      to(`a folder at depth ${depth}`, 'PROPFIND', '/remote.php/dav/files/jane/', {
        headers: { ...xml, Depth: depth },
        body: FIND,
      }),
    ),
    ...NAMES.flatMap((name) => [
      to('what is it', 'PROPFIND', fileUrl(name), { headers: { ...xml, Depth: '0' }, body: FIND }),
      to('an upload', 'PUT', fileUrl(name), {
        headers: {
          'Content-Type': 'application/octet-stream',
          'OC-Checksum': 'SHA1:2fd4e1c67a2d28fced849ee1bb76e7391b93eb12',
          'X-OC-MTime': '1794000000',
          'OC-Total-Length': '4107',
        },
        body: JPEG,
      }),
      to('an update', 'PUT', fileUrl(name), {
        headers: {
          'Content-Type': 'text/markdown',
          'If-Match': '"0a1b2c3d4e5f"',
          If: `<${away(name)}> (["0a1b2c3d4e5f"])`,
        },
        body: BLOCKS[0]!,
      }),
      to('a move', 'MOVE', fileUrl(name), { headers: { Destination: away(`Archive/${name}`), Overwrite: 'F' } }),
      to('a download', 'GET', fileUrl(name), { headers: { Range: 'bytes=0-1048575' } }),
    ]),
    to('a folder', 'MKCOL', fileUrl("Jane's files")),
    to('a copy', 'COPY', fileUrl('Notes & ideas.md'), {
      headers: { Destination: away('Notes (copy).md'), Overwrite: 'T', Depth: 'infinity' },
    }),
    to('a farewell', 'DELETE', fileUrl('select from menu.txt')),
    to('a lock', 'LOCK', fileUrl('Budget (final) v2.xlsx'), {
      headers: { ...xml, Timeout: 'Infinite, Second-3600', Depth: '0' },
      body: `${DAV}<d:lockinfo xmlns:d="DAV:"><d:lockscope><d:exclusive/></d:lockscope><d:locktype><d:write/></d:locktype><d:owner>Jane O'Neil</d:owner></d:lockinfo>`,
    }),
    to('its end', 'UNLOCK', fileUrl('Budget (final) v2.xlsx'), {
      headers: { 'Lock-Token': `<opaquelocktoken:${UUID}>` },
    }),
    to('a favourite', 'PROPPATCH', fileUrl('Notes & ideas.md'), {
      headers: xml,
      body: `${DAV}<d:propertyupdate xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns"><d:set><d:prop><oc:favorite>1</oc:favorite></d:prop></d:set></d:propertyupdate>`,
    }),
    to('a search', 'SEARCH', '/remote.php/dav/', {
      headers: { 'Content-Type': 'text/xml' },
      body: `${DAV}<d:searchrequest xmlns:d="DAV:"><d:basicsearch><d:select><d:prop><d:displayname/></d:prop></d:select><d:from><d:scope><d:href>/files/jane</d:href><d:depth>infinity</d:depth></d:scope></d:from><d:where><d:like><d:prop><d:displayname/></d:prop><d:literal>%l'été%</d:literal></d:like></d:where></d:basicsearch></d:searchrequest>`,
    }),
    to('a chunk', 'PUT', `/remote.php/dav/uploads/jane/${UUID}/00001`, {
      headers: {
        'Content-Type': 'application/octet-stream',
        'OC-Total-Length': '104857600',
        Destination: away('film.mp4'),
      },
      body: JPEG,
    }),
    to('its chunks put together', 'MOVE', `/remote.php/dav/uploads/jane/${UUID}/.file`, {
      headers: {
        Destination: away('film.mp4'),
        'OC-Total-Length': '104857600',
        If: `<${away('film.mp4')}> (["0a1b2c"])`,
      },
    }),
    to('a calendar asked', 'REPORT', '/remote.php/dav/calendars/jane/personal/', {
      headers: { ...xml, Depth: '1' },
      body: `${DAV}<c:calendar-query xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><d:prop><d:getetag/><c:calendar-data/></d:prop><c:filter><c:comp-filter name="VCALENDAR"><c:comp-filter name="VEVENT"><c:time-range start="20261101T000000Z" end="20261231T000000Z"/></c:comp-filter></c:comp-filter></c:filter></c:calendar-query>`,
    }),
    to('a calendar made', 'MKCALENDAR', '/remote.php/dav/calendars/jane/work/', {
      headers: xml,
      body: `${DAV}<c:mkcalendar xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><d:set><d:prop><d:displayname>Jane's work</d:displayname></d:prop></d:set></c:mkcalendar>`,
    }),
    to('an event', 'PUT', `/remote.php/dav/calendars/jane/personal/${UUID}.ics`, {
      headers: { 'Content-Type': 'text/calendar; charset=utf-8', 'If-None-Match': '*' },
      body: EVENT,
    }),
    to('a contact', 'PUT', `/remote.php/dav/addressbooks/users/jane/contacts/${UUID}.vcf`, {
      headers: { 'Content-Type': 'text/vcard; charset=utf-8' },
      body: CARD,
    }),
  ];
}

const IMAGES = ['library/site', 'shop/web-app', 'shop/tools/cli', 'shop/n8n-nodes'];
const MANIFEST = JSON.stringify({
  schemaVersion: 2,
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: DIGEST, size: 1042 },
  layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: DIGEST, size: 734_003_200 }],
});

function registry(): readonly Ordinary[] {
  const to = (what: string, method: string, path: string, shape: Shape = {}): Ordinary => ({
    app: 'registry',
    what,
    request: request(method, path, {
      host: HOSTS.registry,
      ...shape,
      headers: {
        'User-Agent':
          'docker/28.3.2 go/go1.24.5 git-commit/e77ff99 kernel/6.12 os/linux arch/amd64 UpstreamClient(Docker-Client/28.3.2 \\(linux\\))',
        Authorization: `Basic ${Buffer.from('ci:secret').toString('base64')}`,
        ...shape.headers,
      },
    }),
  });
  return [
    to('is it a registry', 'GET', '/v2/'),
    to('what it has', 'GET', '/v2/_catalog?n=100'),
    ...IMAGES.flatMap((image) => {
      const upload = `/v2/${image}/blobs/uploads/${UUID}`;
      const octets = { 'Content-Type': 'application/octet-stream' };
      return [
        to('is the layer there', 'HEAD', `/v2/${image}/blobs/${DIGEST}`),
        to('an upload begins', 'POST', `/v2/${image}/blobs/uploads/`, { headers: { 'Content-Length': '0' } }),
        to(
          'a layer of somewhere else',
          'POST',
          `/v2/${image}/blobs/uploads/?from=${encodeURIComponent('library/site')}&mount=${DIGEST_IN_QUERY}`,
          { headers: { 'Content-Length': '0' } },
        ),
        to('a layer in one piece', 'PATCH', `${upload}?_state=REZWbXpkQ0tqWVJ0dWVW-1_a%3D%3D`, {
          headers: octets,
          body: JPEG,
        }),
        to('a layer in pieces', 'PATCH', upload, { headers: { ...octets, 'Content-Range': '0-4106' }, body: JPEG }),
        to('the layer is whole', 'PUT', `${upload}?digest=${DIGEST_IN_QUERY}`, { headers: { 'Content-Length': '0' } }),
        to('a layer at once', 'POST', `/v2/${image}/blobs/uploads/?digest=${DIGEST_IN_QUERY}`, {
          headers: octets,
          body: JPEG,
        }),
        to('the manifest', 'PUT', `/v2/${image}/manifests/v1.2.3`, {
          headers: { 'Content-Type': 'application/vnd.oci.image.manifest.v1+json' },
          body: MANIFEST,
        }),
        to('an index', 'PUT', `/v2/${image}/manifests/latest`, {
          headers: { 'Content-Type': 'application/vnd.oci.image.index.v1+json' },
          body: MANIFEST,
        }),
        to("Docker's own manifest", 'PUT', `/v2/${image}/manifests/${DIGEST}`, {
          headers: { 'Content-Type': 'application/vnd.docker.distribution.manifest.v2+json' },
          body: MANIFEST,
        }),
        to('a pull', 'GET', `/v2/${image}/manifests/latest`, {
          headers: {
            Accept:
              'application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json',
          },
        }),
        to('its layer', 'GET', `/v2/${image}/blobs/${DIGEST}`),
        to('tags', 'GET', `/v2/${image}/tags/list?n=50&last=v1.2.2`),
        to('what refers to it', 'GET', `/v2/${image}/referrers/${DIGEST}?artifactType=application%2Fspdx%2Bjson`),
        to('an image goes', 'DELETE', `/v2/${image}/manifests/${DIGEST}`),
      ];
    }),
  ];
}

export const ordinary: readonly Ordinary[] = [...wordpress(), ...n8n(), ...nextcloud(), ...registry()];
