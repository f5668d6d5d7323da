/**
 * Where ordinary requests of well-known apps look like attacks to the core rule set, which has no exclusions of its own
 * since version 4. test/e2e/firewall.test.ts sends such requests through the real rules: what it lets through is what
 * people need, and what it refuses beside shows that no more is left out.
 */
import type { RuleTag, WafExclusion } from '../model/waf-exclusion.ts';

/** What text that people write, or programs that they write, can look like. */
const WRITTEN: readonly RuleTag[] = [
  'attack-sqli',
  'attack-xss',
  'attack-rce',
  'attack-lfi',
  'attack-rfi',
  'attack-injection-php',
  'attack-injection-generic',
  'attack-injection-java',
  'attack-protocol',
];

/** Editors and administrators write markup; visitors do not. */
export function wordpressExclusions(host: string): readonly WafExclusion[] {
  return [
    {
      host,
      path: '^/wp-json/wp/v2/(?:posts|pages|blocks|templates|template-parts|navigation|global-styles)(?:/|$)',
      reason: 'The editor saves markup as it is, and code that an article shows.',
      tags: WRITTEN,
      fields: ['json.content', 'json.title', 'json.excerpt'],
      headers: ['x-http-method-override'],
    },
    {
      host,
      path: '^/(?:wp-json/wp/v2/media(?:/|$)|wp-admin/async-upload\\.php$)',
      reason: 'Names of pictures have apostrophes.',
      rules: [920120],
    },
    {
      host,
      path: '^/wp-login\\.php$',
      reason: 'A password may look like anything.',
      tags: WRITTEN,
      fields: ['pwd'],
    },
  ];
}

/** Workflows are programs: code, queries and templates in every field. Only who is logged in reaches these paths. */
export function n8nExclusions(host: string): readonly WafExclusion[] {
  return [
    {
      host,
      path: '^/rest/(?:workflows|credentials|dynamic-node-parameters|login)(?:/|$)',
      reason: 'A workflow holds code and queries, a credential a password.',
      tags: WRITTEN,
    },
  ];
}

/** Queries are programs, and what people note about others may look like anything. Only who is logged in gets an answer. */
export function twentyExclusions(host: string): readonly WafExclusion[] {
  return [
    {
      host,
      path: '^/(?:graphql|metadata|rest)(?:/|$)',
      reason: 'A query is a program, and its variables are what people wrote.',
      tags: WRITTEN,
    },
  ];
}

/** Files and calendars by WebDAV, which has methods and headers of its own. */
export function nextcloudExclusions(host: string): readonly WafExclusion[] {
  return [
    {
      host,
      path: '^/remote\\.php/(?:dav|webdav|caldav|carddav)(?:/|$)',
      reason: 'WebDAV has methods, headers and kinds of bodies of its own.',
      methods: ['PROPFIND', 'PROPPATCH', 'MKCOL', 'MKCALENDAR', 'COPY', 'MOVE', 'LOCK', 'UNLOCK', 'REPORT', 'SEARCH'],
      headers: ['if', 'lock-token', 'content-range', 'expect'],
      contentTypes: ['text/calendar', 'text/vcard'],
    },
    {
      host,
      path: '^/remote\\.php/(?:dav/files|dav/uploads|webdav)/',
      reason: 'Files are what people keep in them, and as large as they are.',
      streamed: true,
    },
  ];
}

/** Layers of images are gigabytes of no text at all. */
export function registryExclusions(host: string): readonly WafExclusion[] {
  return [
    {
      host,
      path: '^/v2/.+/blobs/uploads/',
      reason: 'Layers of images are large and compressed.',
      headers: ['content-range'],
      streamed: true,
    },
    {
      host,
      path: '^/v2/.+/manifests/',
      reason: 'Descriptions of images have kinds of their own.',
      contentTypes: [
        'application/vnd.oci.image.manifest.v1+json',
        'application/vnd.oci.image.index.v1+json',
        'application/vnd.docker.distribution.manifest.v2+json',
        'application/vnd.docker.distribution.manifest.list.v2+json',
      ],
    },
  ];
}
