/** The options a person decides on the first day; everything else has a default. */
export function starter(rootDomain: string): string {
  return `platform: local
rootDomain: ${rootDomain}

cluster:
  # A context of your kubeconfig: \`kubectl config get-contexts\` lists them.
  context: docker-desktop

apps: {}
`;
}
