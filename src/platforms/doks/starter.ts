/** The options a person decides on the first day; everything else has a default. */
export function starter(rootDomain: string): string {
  return `platform: doks
rootDomain: ${rootDomain}

cluster:
  region: ams3

tls:
  # Let's Encrypt warns there before a certificate expires.
  email: ops@${rootDomain}

apps: {}
`;
}
