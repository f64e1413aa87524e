import { describe, expect, it } from 'vitest';
import { hostDefaults } from '../../../../agent/emulation/host-config.ts';
import { Sensors } from '../../../../agent/emulation/platform/sensors.ts';
import {
  bootImage,
  firstImages,
  installImage,
  selectImage,
} from '../../../../agent/emulation/platform/software-images.ts';

describe('images of the hypervisor', () => {
  const first = firstImages([{ name: 'node', version: '1' }], 0);

  it('come beside each other, and one of them is booted', () => {
    const two = installImage(first, { name: 'node', version: '2' }, 500);
    expect(two.images.map(({ number, version }) => [number, version])).toEqual([
      [1, '1'],
      [2, '2'],
    ]);
    expect(two).toMatchObject({ booted: 1, next: 2, changedMs: 500 });
    expect(bootImage(two)).toMatchObject({ booted: 2, next: 2 });
    expect(bootImage(selectImage(two, 1))).toMatchObject({ booted: 1, next: 1, images: two.images });
    expect(first.images).toHaveLength(1);
  });

  it('are refused when they are there already, or are not', () => {
    expect(() => installImage(first, { name: 'node', version: '1' }, 1)).toThrow(
      expect.objectContaining({ code: 'DUPLICATE' }),
    );
    expect(() => selectImage(first, 2)).toThrow(/installed are 1/);
    expect(() => firstImages([], 0)).toThrow(/at least one/);
  });
});

describe('sensors', () => {
  const configs = hostDefaults('modern').sensors;

  it('show two thirds of a change after their lag', () => {
    const sensors = new Sensors(configs, 'h', 1, 0);
    sensors.advance(1000, 1);
    for (const [i, { idle, full, lagMs }] of configs.entries()) {
      const share = (sensors.read(1000 + lagMs)[i]!.value / 1000 - idle) / (full - idle);
      expect(Math.abs(share - (1 - Math.exp(-1)))).toBeLessThan(0.0045);
    }
    expect(sensors.read(1e7).every(({ ok }) => ok)).toBe(true);
  });

  it('are the same however often they are advanced', () => {
    const often = new Sensors(configs, 'h', 1, 0);
    const seldom = new Sensors(configs, 'h', 1, 0);
    seldom.advance(0, 0.5);
    for (let ms = 0; ms < 60_000; ms += 1000) often.advance(ms, 0.5);
    expect(often.read(60_000)).toEqual(seldom.read(60_000));
  });

  it('are put back', () => {
    const sensors = new Sensors(configs, 'h', 1, 0);
    sensors.advance(0, 0.25);
    const before = sensors.read(5000);
    const restore = sensors.save();
    sensors.advance(2000, 1);
    expect(sensors.read(5000)).not.toEqual(before);
    restore();
    expect(sensors.read(5000)).toEqual(before);
  });
});
