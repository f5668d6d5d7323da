import type { AppCosts } from '../model/plugs.ts';

/** Such as `1.5 GiB memory, 10 GiB disk`. */
export function costsInWords({ memoryMi, diskGi }: AppCosts): string {
  const memory = memoryMi < 1024 ? `${memoryMi} MiB` : `${rounded(memoryMi / 1024)} GiB`;
  const disk =
    diskGi === 0 ? 'no disk' : diskGi < 1 ? `${Math.round(diskGi * 1024)} MiB disk` : `${rounded(diskGi)} GiB disk`;
  return `${memory} memory, ${disk}`;
}

function rounded(amount: number): string {
  return String(Math.round(amount * 10) / 10);
}
