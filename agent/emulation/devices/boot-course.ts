import {
  bootAt,
  hangIn,
  isHung,
  presentStage,
  setBootShare,
  stageProgressMs,
  stageStartMs,
} from '../console/boot.ts';
import { consoleAt, consoleStageMs, hangConsole, setConsoleShare } from '../console/console.ts';
import type { BootStage } from '../console/console-config.ts';
import type { GuestDevices } from './guest-devices.ts';

/** When the boot that goes on comes to a stage, or ends, in guest ms; `undefined` for never at the present share. */
export function stageDueMs(
  { console, boot }: GuestDevices,
  ms: number,
  stage: BootStage | 'up',
): number | undefined {
  if (console) return consoleStageMs(console, ms, stage);
  return boot && stageStartMs(bootAt(boot, ms), stage);
}

/** Whether the boot hangs in the stage that it is in: only a reset helps. */
export function bootHangs({ console, boot }: GuestDevices, ms: number): boolean {
  const present = console ? consoleAt(console, ms).boot : boot && bootAt(boot, ms);
  return present !== undefined && isHung(present);
}

/** The devices of a guest that gets another share (0 to 1) of the processors for its boot from an instant on. */
export function withBootShare(devices: GuestDevices, ms: number, share: number): GuestDevices {
  const console = devices.console && setConsoleShare(devices.console, ms, share);
  const boot = devices.boot && setBootShare(bootAt(devices.boot, ms), ms, share);
  return console === devices.console && boot === devices.boot ? devices : { ...devices, console, boot };
}

/** The devices of a guest whose boot hangs in a stage, or in the one that it is in, for ever. */
export function withBootHang(
  devices: GuestDevices,
  ms: number,
  where?: { readonly stage: BootStage; readonly share: number },
): GuestDevices {
  const console = devices.console?.text ? hangConsole(devices.console, ms, where) : devices.console;
  const boot = devices.boot && bootAt(devices.boot, ms);
  const present = boot && presentStage(boot);
  if (!boot || !present) return { ...devices, console };
  const { stage, share } = where ?? {
    stage: present.stage,
    share: stageProgressMs(boot, ms) / present.workMs,
  };
  return { ...devices, console, boot: hangIn(boot, stage, share) };
}
