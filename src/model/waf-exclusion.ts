/**
 * What an app asks of the web application firewall: where its ordinary requests look like attacks. As narrow as can be
 * said: a host, a path of it, the rules that are wrong there, and a reason that a reviewer can judge.
 */
export interface WafExclusion {
  readonly host: string;
  /** Regular expression on the path. */
  readonly path: string;
  readonly reason: string;
  /** Methods that are let through there, beside those that are let through everywhere. */
  readonly methods?: readonly string[];
  /** Kinds of bodies, likewise. */
  readonly contentTypes?: readonly string[];
  /** Headers, in small letters, that the rules refuse elsewhere. */
  readonly headers?: readonly string[];
  /** Parameters are not looked at by the rules with these tags. */
  readonly tags?: readonly RuleTag[];
  /** Numbers of single rules that are left out. */
  readonly rules?: readonly number[];
  /** Spares these parameters alone: a field of JSON is called `json.<field>`. */
  readonly fields?: readonly string[];
  /** Bodies go through unread, however large; everything else of the request is looked at. */
  readonly streamed?: true;
}

/** Tags of the core rule set: what kind of attack a rule looks for. */
export type RuleTag =
  | 'attack-sqli'
  | 'attack-xss'
  | 'attack-rce'
  | 'attack-lfi'
  | 'attack-rfi'
  | 'attack-injection-php'
  | 'attack-injection-generic'
  | 'attack-injection-java'
  | 'attack-protocol';
