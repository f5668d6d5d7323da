/**
 * What every program may see of our own variables. The rest stays here: a stray AWS_PROFILE, KUBECONFIG or TF_LOG must
 * not change what a tool does, and a token that one tool needs is no business of another.
 */
const names = new Set([
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'LANG',
  'LANGUAGE',
  'TZ',
  'TERM',
  'TMPDIR',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'ALL_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'all_proxy',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
]);

/** Editors, shells and pagers look and behave as at home. */
const interactiveNames = new Set(['EDITOR', 'VISUAL', 'PAGER', 'COLORTERM', 'DISPLAY', 'WAYLAND_DISPLAY', 'NO_COLOR']);

export function inheritedVariables(
  variables: Readonly<Record<string, string | undefined>>,
  interactive: boolean,
): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(variables)) {
    if (value === undefined) continue;
    if (names.has(name) || name.startsWith('LC_') || (interactive && interactiveNames.has(name))) kept[name] = value;
  }
  return kept;
}
