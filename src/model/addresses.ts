/** Names of things inside OpenTofu modules, derived in one place for the blueprint and for the templates. */

/** A name as an identifier of HCL: `cert-manager` → `cert_manager`. */
export function label(name: string): string {
  const plain = name.toLowerCase().replace(/[^a-z0-9_]/g, '_');
  return /^[a-z_]/.test(plain) ? plain : `_${plain}`;
}

/** The module variable that says where the archives of charts are; every stack of releases has it. */
export const CHARTS_VARIABLE = 'charts_dir';

export function releaseAddress(release: string): string {
  return `helm_release.${label(release)}`;
}
