import { z } from 'zod';
import { quantity } from '../../model/formats.ts';
import { ownImage } from '../../model/image.ts';
import { ownBackups } from '../own-backups.ts';

export const options = z.strictObject({
  access: z
    .enum(['login', 'pull', 'open'])
    .default('login')
    .describe('`login` asks everyone who they are; with `pull` anyone may pull; with `open` anyone may push too.'),
  files: z.enum(['volume', 's3']).default('volume').describe('Where images are kept: on a volume, or in a bucket.'),
  storage: quantity.default('20Gi').describe('Size of the volume; it can only grow. A bucket needs none.'),
  keepTags: z
    .int()
    .min(1)
    .max(100_000)
    .optional()
    .describe('Of each repository, the tags pushed last that are kept; all of them when absent.'),
  keepUntaggedDays: z
    .int()
    .min(1)
    .max(3650)
    .default(7)
    .describe('Days that an image without a tag is kept after it was pushed.'),
  image: ownImage,
  backups: ownBackups,
});

export type RegistryOptions = z.infer<typeof options>;
