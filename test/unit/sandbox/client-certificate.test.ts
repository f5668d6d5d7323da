import { expect } from 'chai';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { makeClientCertificate } from '../../../src/sandbox/kubernetes/client-certificate.ts';

describe('the certificate by which kubelets know the API server', () => {
  const { certificate, key } = makeClientCertificate('kube-apiserver', 'system:masters');
  const parsed = new X509Certificate(certificate);

  it('names its owner and vouches for itself', () => {
    expect(parsed.subject).to.equal('O=system:masters\nCN=kube-apiserver');
    expect(parsed.issuer).to.equal(parsed.subject);
    expect(parsed.verify(parsed.publicKey)).to.equal(true);
    expect(parsed.checkPrivateKey(createPrivateKey(key))).to.equal(true);
  });

  it('is good for clients alone, and for a long time', () => {
    expect(parsed.keyUsage).to.deep.equal(['1.3.6.1.5.5.7.3.2']);
    expect(parsed.validFromDate.getTime()).to.be.below(Date.now());
    expect(parsed.validToDate.getFullYear()).to.be.above(2100);
  });

  it('is another one every time', () => {
    expect(new X509Certificate(makeClientCertificate('a', 'b').certificate).serialNumber).not.to.equal(
      parsed.serialNumber,
    );
  });
});
