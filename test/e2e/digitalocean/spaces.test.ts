import { expect } from 'chai';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { openBench, type Bench, type Ran } from './bench.ts';

const backend = `
terraform {
  backend "s3" {
    bucket                      = "shop-state"
    key                         = "prod/base.tfstate"
    region                      = "fra1"
    use_lockfile                = true
    use_path_style              = true
    skip_credentials_validation = true
    skip_region_validation      = true
    skip_requesting_account_id  = true
    skip_metadata_api_check     = true
  }
}

output "answer" {
  value = 42
}
`;

describe('real S3 clients against the Spaces of the sandbox', function () {
  this.timeout(60_000);
  let bench: Bench;
  before(async () => {
    bench = await openBench();
  });
  after(() => bench.close());
  const rclone = async (...args: readonly string[]): Promise<string> => succeeded(await bench.rclone(...args)).stdout;
  function succeeded(ran: Ran): Ran {
    expect(ran.exitCode, ran.stderr + ran.stdout).to.equal(0);
    return ran;
  }

  it('rclone writes in parts, with any name, and reads the same bytes', async () => {
    await rclone('mkdir', 'S:shop-media');
    const file = path.join(bench.folder, 'big');
    fs.writeFileSync(file, randomBytes(12 * 1024 * 1024));
    const target = "S:shop-media/a b/ü+x(1)'.bin";
    await rclone('copyto', file, target, '--s3-upload-cutoff', '5M', '--s3-chunk-size', '5M', '--s3-no-check-bucket');
    await rclone('copyto', target, path.join(bench.folder, 'back'));
    expect(fs.readFileSync(path.join(bench.folder, 'back')).equals(fs.readFileSync(file))).to.equal(true);
    expect(await rclone('lsf', '-R', '--files-only', 'S:shop-media')).to.equal("a b/ü+x(1)'.bin\n");
  });

  it('a presigned link works for everybody, and not for long', async () => {
    await rclone('rcat', 'S:shop-media/hello', '--size', '0');
    const link = (await rclone('link', 'S:shop-media/hello', '--expire', '1h')).trim();
    expect((await fetch(link)).status).to.equal(200);
    expect((await fetch(link.replace('hello', 'other'))).status).to.equal(403);
  });

  it('OpenTofu keeps its state there, locked, in a bucket with versions', async () => {
    await rclone('mkdir', 'S:shop-state');
    await rclone('backend', 'versioning', 'S:shop-state', 'Enabled');
    const folder = path.join(bench.folder, 'state');
    fs.mkdirSync(folder);
    fs.writeFileSync(path.join(folder, 'main.tf'), backend);
    succeeded(await bench.tofu(folder, 'init', '-no-color'));
    // Each run takes the lock and gives it back; the second finds it deleted.
    for (let turn = 0; turn < 3; turn += 1) succeeded(await bench.tofu(folder, 'apply', '-no-color', '-auto-approve'));
    await rclone('rcat', 'S:shop-state/prod/base.tfstate.tflock', '--size', '0');
    const locked = await bench.tofu(folder, 'apply', '-no-color', '-auto-approve');
    expect(locked.exitCode).to.equal(1);
    expect(locked.stderr).to.contain('Error acquiring the state lock');
  });

  it('what Spaces holds is in the inventory', async () => {
    expect(await bench.inventory()).to.have.members(['bucket shop-media', 'bucket shop-state']);
  });
});
