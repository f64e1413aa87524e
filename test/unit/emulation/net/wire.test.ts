import { describe, expect, it } from 'vitest';
import {
  LINE_OVERHEAD,
  lineMessages,
  lineOctets,
  messageFrames,
  messageKnee,
  messageOctets,
} from '../../../../agent/emulation/net/wire.ts';

describe('a line of 10 Gb/s', () => {
  it.each([
    [64, 14_880_952],
    [128, 8_445_946],
    [512, 2_349_624],
    [1518, 812_744],
    [9018, 138_305],
  ])('carries frames of %i octets with check sequence at %i per second', (frame, rate) => {
    const counted = frame - 4;
    expect(Math.round(lineOctets(10e9, 1000) / (counted + LINE_OVERHEAD))).toBe(rate);
  });

  it.each([
    [64, 4.92],
    [256, 7.95],
    [1024, 9.39],
    [1472, 9.57],
    [2048, 9.43],
    [4096, 9.57],
    [65_507, 9.62],
  ])('carries UDP messages of %i octets at %f Gb/s of payload', (octets, gigabits) => {
    expect((lineMessages(10e9, octets) * octets * 8) / 1e9).toBeCloseTo(gigabits, 2);
  });

  it('splits a message into the frames that an MTU of 1500 allows', () => {
    expect([1, 1472, 1473, 65_507].map(messageFrames)).toEqual([1, 1, 2, 45]);
    expect(messageOctets(1472)).toBe(1514);
  });

  it('A2.7 the knee of the message size is at (a + x) / b, and moves with x', () => {
    expect(messageKnee(1000, 600, 0.2)).toBe(8000);
    expect(messageKnee(1000, 300, 0.2)).toBe(6500);
  });
});
