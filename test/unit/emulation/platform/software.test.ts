import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bootSoftware,
  erasePackage,
  firstSoftware,
  type HostSoftware,
  installPackages,
  isBooted,
  latestOf,
  PACKAGE_POLICY_DEFAULTS,
  type PackagePolicy,
  selectPackage,
} from '../../../../agent/emulation/platform/software.ts';

const KERNEL = { name: 'kernel', version: '2.6.32-131.el6' };
const IMAGE = { name: 'rhev-hypervisor6', version: '6.2-20110921.1', kind: 'image' } as const;

function host(policy: Partial<PackagePolicy> = {}): HostSoftware {
  return firstSoftware(
    [KERNEL, IMAGE, { name: 'libvirt', version: '0.9.4-12' }],
    { ...PACKAGE_POLICY_DEFAULTS, ...policy },
    0,
  );
}

function install(software: HostSoftware, name: string, version: string, nowMs = 500): HostSoftware {
  return installPackages(software, [{ name, version }], nowMs).software;
}

function rows({ packages }: HostSoftware, name: string): (readonly [number, string, number])[] {
  return packages
    .filter((one) => one.name === name)
    .map(({ number, version, installedMs }) => [number, version, installedMs]);
}

describe('software of a host', () => {
  it('A10.1 upgrades in place what is not install-only, and puts the rest beside it', () => {
    const upgraded = install(host(), 'libvirt', '0.9.4-23');
    expect(rows(upgraded, 'libvirt')).toEqual([[4, '0.9.4-23', 500]]);
    const beside = install(upgraded, IMAGE.name, '6.2-20111122.0', 700);
    expect(rows(beside, IMAGE.name)).toEqual([
      [2, IMAGE.version, 0],
      [5, '6.2-20111122.0', 700],
    ]);
    expect(latestOf(beside, IMAGE.name)?.kind).toBe('image');
  });

  it('A10.2 leaves a single kernel, and warns, when the install-only packages name the hypervisor alone', () => {
    const update = [{ name: 'kernel', version: '2.6.32-220.el6' }];
    const usual = installPackages(host(), update, 500);
    expect(rows(usual.software, 'kernel')).toHaveLength(2);
    expect(usual.warnings).toEqual([]);
    const { software, warnings } = installPackages(host({ installOnly: [IMAGE.name] }), update, 500);
    expect(rows(software, 'kernel')).toEqual([[4, '2.6.32-220.el6', 500]]);
    expect(warnings).toEqual([
      'kernel-2.6.32-220.el6 took the place of kernel-2.6.32-131.el6, which the host runs: kernel is not among the install-only packages',
    ]);
    // It still runs what it booted.
    expect(software.booted.kernel?.version).toBe(KERNEL.version);
    expect(software.packages.some((one) => one.kind === 'kernel' && isBooted(software, one))).toBe(false);
    expect(bootSoftware(software).booted.kernel?.number).toBe(4);
  });

  it('A10.3 keeps as many versions as the limit says, what is booted among them', () => {
    let software = host({ limit: 3 });
    for (const version of ['2', '3', '4', '5']) software = install(software, 'kernel', version);
    expect(rows(software, 'kernel').map(([number]) => number)).toEqual([1, 6, 7]);
    software = install(bootSoftware(software), 'kernel', '6');
    expect(rows(software, 'kernel').map(([number]) => number)).toEqual([6, 7, 8]);
    expect(software.booted.kernel?.number).toBe(7);
  });

  it('A10.4 changes once in a transaction, and links to what was installed last', () => {
    const several = [
      { name: IMAGE.name, version: '6.2-20111122.0' },
      { name: IMAGE.name, version: '6.1-20110601.0' },
    ];
    const { software } = installPackages(host(), several, 900);
    expect(software.changedMs).toBe(900);
    expect(latestOf(software, IMAGE.name)?.version).toBe('6.1-20110601.0');
    expect(selectPackage(software, 4).changedMs).toBe(900);
    expect(erasePackage(software, 5, 1000)).toMatchObject({ changedMs: 1000, next: { kernel: 1, image: 2 } });
  });

  it('refuses what cannot be, and says what could', () => {
    const software = install(host(), 'kernel', '2');
    expect(() => install(software, 'kernel', '2')).toThrow(
      'kernel-2 is installed already, as number 4; select it, or install another version',
    );
    expect(() => selectPackage(software, 9)).toThrow('no package has number 9; installed are 1, 2, 3, 4');
    expect(() => selectPackage(software, 3)).toThrow('libvirt-0.9.4-12 cannot be booted');
    expect(() => erasePackage(software, 1, 5)).toThrow('kernel-2.6.32-131.el6 is what the host runs');
    expect(() => installPackages(software, [], 5)).toThrow('nothing to install');
    expect(() => firstSoftware([IMAGE], PACKAGE_POLICY_DEFAULTS, 0)).toThrow('without a kernel');
  });

  it('has one of each kind booted, changed by a boot alone, and never gives a number twice', () => {
    const arbStep = fc.oneof(
      fc.record({ name: fc.constantFrom('kernel', IMAGE.name, 'libvirt'), version: fc.nat(20).map(String) }),
      fc.record({ select: fc.nat(30) }),
      fc.record({ erase: fc.nat(30) }),
      fc.constant('boot' as const),
    );
    fc.assert(
      fc.property(fc.array(arbStep, { maxLength: 60 }), fc.nat(4), (steps, limit) => {
        let software = host({ limit });
        const given = new Map<number, string>();
        steps.forEach((step, i) => {
          const before = software;
          try {
            if (step === 'boot') software = bootSoftware(software);
            else if ('select' in step) software = selectPackage(software, step.select);
            else if ('erase' in step) software = erasePackage(software, step.erase, i);
            else software = installPackages(software, [step], i).software;
          } catch {
            expect(software).toBe(before);
          }
          if (step !== 'boot') expect(software.booted).toEqual(before.booted);
          for (const kind of ['kernel', 'image'] as const) {
            const versions = software.packages.filter((one) => one.kind === kind);
            expect(versions.filter((one) => isBooted(software, one))).toHaveLength(1);
            expect(versions.map(({ number }) => number)).toContain(software.next[kind]);
            // One that is booted stays beyond a limit of 1.
            if (limit > 0) expect(versions.length).toBeLessThanOrEqual(Math.max(2, limit));
          }
          for (const { number, name, version } of software.packages) {
            expect(given.get(number) ?? `${name} ${version}`).toBe(`${name} ${version}`);
            given.set(number, `${name} ${version}`);
          }
        });
      }),
      { numRuns: 300 },
    );
  });
});
