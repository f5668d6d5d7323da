/** Where API servers say that they are: a documentation address (RFC 5737), which no network has anything at. */
export const ADVERTISED = '192.0.2.1';
