import { describe, expect, it } from 'vitest';
import { hostDefaults } from '../../../../agent/emulation/host/host-config.ts';
import { Sensors } from '../../../../agent/emulation/platform/sensors.ts';

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
