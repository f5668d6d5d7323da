import { expect } from 'chai';
import { X509Certificate } from 'node:crypto';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { Secret } from '../../../src/model/secret.ts';
import { certificateFlaw, makeCertificate, partOf } from '../../../src/secrets/certificate.ts';

const now = new Date();
const hosts = ['postgres.data.svc.cluster.local', 'postgres.data', '127.0.0.1'];

describe('certificates inside the cluster', () => {
  const value = makeCertificate('postgres.tls', hosts, now);

  it('let a client that trusts their authority, and only such a client, in by any of their names', async () => {
    for (const host of hosts) expect(await handshake(value, value, host), host).to.equal('authorised');
    expect(await handshake(value, value, 'mariadb.data')).to.equal('ERR_TLS_CERT_ALTNAME_INVALID');
    const other = makeCertificate('postgres.tls', hosts, now);
    expect(await handshake(value, other, hosts[0]!)).to.match(/UNABLE_TO_VERIFY|BAD_SIGNATURE|SELF_SIGNED|FAILURE/);
  });

  it('are what they say: an authority that signs servers only, and a server that signs nobody', () => {
    const [server, authority] = [read('tls.crt'), read('ca.crt')];
    expect([server.ca, authority.ca]).to.deep.equal([false, true]);
    expect(server.verify(authority.publicKey) && server.checkIssued(authority)).to.equal(true);
    expect(authority.verify(authority.publicKey)).to.equal(true);
    expect(server.keyUsage).to.deep.equal(['1.3.6.1.5.5.7.3.1']);
    expect(server.serialNumber).not.to.equal(authority.serialNumber);
    expect(server.validToDate.getUTCFullYear() - now.getUTCFullYear()).to.equal(10);
    // Past 2049 the date has another form.
    expect(authority.validToDate.getUTCFullYear() - now.getUTCFullYear()).to.equal(30);
  });

  it('show pods neither the key of the authority nor anything else than what was asked for', () => {
    const keys = value.reveal().match(/-----BEGIN PRIVATE KEY-----/g);
    expect(keys).to.have.length(2);
    const shown = (['ca.crt', 'tls.crt', 'tls.key'] as const).map((part) => partOf(value, part).reveal());
    expect(shown.join('').match(/-----BEGIN PRIVATE KEY-----/g)).to.have.length(1);
    for (const text of shown) expect(text.match(/-----BEGIN/g)).to.have.length(1);
  });

  it('are made anew under the same authority, so that clients go on trusting', async () => {
    const renewed = makeCertificate('postgres.tls', [...hosts, 'new.data'], now, value);
    expect(partOf(renewed, 'ca.crt').reveal()).to.equal(partOf(value, 'ca.crt').reveal());
    expect(partOf(renewed, 'tls.key').reveal()).not.to.equal(partOf(value, 'tls.key').reveal());
    expect(await handshake(renewed, value, 'new.data')).to.equal('authorised');
  });

  it('under an authority that would not outlive them, or under none, get a new one', () => {
    const late = new Date(now);
    late.setUTCFullYear(now.getUTCFullYear() + 21);
    for (const [when, earlier] of [
      [late, value],
      [now, new Secret('not a certificate')],
    ] as const) {
      const made = makeCertificate('postgres.tls', hosts, when, earlier);
      expect(partOf(made, 'ca.crt').reveal()).not.to.equal(partOf(value, 'ca.crt').reveal());
      expect(certificateFlaw(made, hosts, when)).to.equal(undefined);
    }
  });

  it('that do not serve say why', () => {
    expect(certificateFlaw(value, hosts, now)).to.equal(undefined);
    expect(certificateFlaw(value, [...hosts, 'new.data'], now)).to.equal('it is not for new.data');
    const atTheEnd = new Date(read('tls.crt').validToDate.getTime() - 24 * 3_600_000);
    expect(certificateFlaw(value, hosts, atTheEnd)).to.match(/^it ends on \d{4}-\d\d-\d\d$/);
    const other = makeCertificate('postgres.tls', hosts, now).reveal();
    const mixed =
      value.reveal().slice(0, value.reveal().indexOf('-----BEGIN PRIVATE')) +
      other.slice(other.indexOf('-----BEGIN PRIVATE'));
    for (const text of ['', 'no', value.reveal().replaceAll('A', 'B'), mixed])
      expect(certificateFlaw(new Secret(text), hosts, now)).to.contain('no certificate');
  });

  function read(part: 'ca.crt' | 'tls.crt'): X509Certificate {
    return new X509Certificate(partOf(value, part).reveal());
  }
});

/** A real one, over loopback. */
async function handshake(server: Secret, trusted: Secret, host: string): Promise<string> {
  const listening = createServer({
    key: partOf(server, 'tls.key').reveal(),
    cert: partOf(server, 'tls.crt').reveal(),
  });
  listening.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  const { port } = listening.address() as { port: number };
  try {
    return await new Promise<string>((resolve) => {
      const options = {
        host: '127.0.0.1',
        port,
        ca: partOf(trusted, 'ca.crt').reveal(),
        ...(host === '127.0.0.1' ? {} : { servername: host }),
      };
      const socket: TLSSocket = connect(options, () => {
        resolve(socket.authorized ? 'authorised' : 'not authorised');
        socket.end();
      });
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    });
  } finally {
    listening.close();
  }
}
