import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseDomainXml } from '../../../agent/emulation/inventory/xml/parse-domain.ts';
import { derivedUuid } from '../../../agent/util/uuid.ts';
import { FIXTURES, messageOf, readTable, readVerdicts } from './fixtures.ts';

const parseFile = (file: string) => parseDomainXml(readFileSync(`${FIXTURES}${file}`, 'utf8'), file);

describe('definitions of our own', () => {
  test.each(readTable(`${FIXTURES}expected.tsv`))('$file', (row) => {
    const domain = parseFile(row['file']!);
    const uuid = row['uuid'] === '-' ? derivedUuid('domain', row['name']!) : row['uuid'];
    expect({ ...domain, nics: domain.nics.length, disks: domain.disks.length }).toMatchObject({
      name: row['name'],
      uuid,
      type: row['type'],
      vcpus: Number(row['vcpus']),
      maxVcpus: Number(row['maxVcpus']),
      memoryKiB: Number(row['memoryKiB']),
      currentMemoryKiB: Number(row['currentMemoryKiB']),
      nics: Number(row['nics']),
      disks: Number(row['disks']),
      onCrash: row['onCrash'],
    });
    expect(Object.isFrozen(domain)).toBe(true);
  });

  test('reads NUMA cells in the order of their ids', () => {
    expect(parseFile('numa.xml').numaCells).toEqual([
      { id: 0, cpus: [0, 1, 2, 3], memoryKiB: 1_048_576 },
      { id: 1, cpus: [4, 5, 6, 7], memoryKiB: 2_097_152 },
    ]);
  });

  test('reads disks and interfaces', () => {
    const { disks, nics } = parseFile('paravirtual.xml');
    expect(disks).toEqual([
      { type: 'block', device: 'disk', target: 'xvda', bus: 'xen', source: '/dev/vg/paravirtual' },
      { type: 'file', device: 'cdrom', target: 'hdc' },
    ]);
    expect(nics).toEqual([
      { type: 'bridge', source: 'xenbr0', model: 'netfront', target: 'vif1.0', queues: 4 },
    ]);
    expect(parseFile('container.xml').nics).toEqual([
      { type: 'network', mac: '52:54:00:0a:0b:01', source: 'default', queues: 1 },
    ]);
  });

  test('reads the source of every type of disk as one string', () => {
    const sources = parseFile('everything.xml').disks.map(({ type, source }) => `${type} ${source}`);
    expect(sources).toEqual([
      'file /i/a.qcow2',
      'network rbd://hostname/pool/image_name2',
      'volume p/v',
      'nvme nvme:0x0000:0x01:0x00.0x0/1',
      'vhostuser /tmp/s',
      'dir /d',
      'block /dev/sdx',
      'block /dev/y',
    ]);
  });

  test('the same text gives the same UUID, another name another', () => {
    const xml = (name: string) =>
      `<domain type='kvm'><name>${name}</name><memory>1</memory><os><type>hvm</type></os></domain>`;
    expect(parseDomainXml(xml('a'), 'f').uuid).toBe(parseDomainXml(xml('a'), 'g').uuid);
    expect(parseDomainXml(xml('a'), 'f').uuid).not.toBe(parseDomainXml(xml('b'), 'f').uuid);
  });
});

describe('libvirt’s verdicts', () => {
  const verdicts = readVerdicts();

  test('there are many of both kinds', () => {
    expect(verdicts.filter(({ isTaken }) => isTaken).length).toBeGreaterThan(150);
    expect(verdicts.filter(({ isTaken }) => !isTaken).length).toBeGreaterThan(150);
  });

  test.each(verdicts)('$isTaken $xml', ({ isTaken, xml }) => {
    const message = messageOf(() => parseDomainXml(xml, 'case.xml'));
    if (isTaken) expect(message).toBe('');
    else expect(message).toMatch(/^case\.xml:\d+:\d+: \S.*/s);
  });
});

describe('memory', () => {
  const memory = (inner: string) =>
    parseDomainXml(`<domain type='kvm'><name>n</name><os><type>hvm</type></os>${inner}</domain>`, 'f');

  test.each([
    ['<memory>1000</memory>', 1000],
    ["<memory unit=''>1000</memory>", 1000],
    ["<memory unit='b'>1</memory>", 1],
    ["<memory unit='byte'>1024</memory>", 1],
    ["<memory unit='BYTES'>1025</memory>", 2],
    ["<memory unit='kb'>1024</memory>", 1000],
    ["<memory unit='k'>1024</memory>", 1024],
    ["<memory unit='MB'>1</memory>", 977],
    ["<memory unit='m'>1</memory>", 1024],
    ["<memory unit='gB'>2</memory>", 1_953_125],
    ["<memory unit='T'>1</memory>", 2 ** 30],
    ["<memory unit='EiB'>1</memory>", 2 ** 50],
    ['<memory>\n +1000</memory>', 1000],
    ['<memory>10<!-- a comment -->00</memory>', 1000],
    ['<memory>1000</memory><memory>5</memory>', 1000],
    ['<memory>9007199254740991</memory>', 2 ** 53 - 1],
  ])('%s is %d KiB', (inner, expected) => {
    expect(memory(inner)).toMatchObject({ memoryKiB: expected, currentMemoryKiB: expected });
  });

  test.each([
    ['<memory>1000</memory><currentMemory/>', 1000],
    ['<memory>1000</memory><currentMemory>0</currentMemory>', 1000],
    ['<memory>1000</memory><currentMemory>1001</currentMemory>', 1000],
    ['<memory>1000</memory><currentMemory>999</currentMemory>', 999],
  ])('%s starts with %d KiB', (inner, expected) => {
    expect(memory(inner)).toMatchObject({ memoryKiB: 1000, currentMemoryKiB: expected });
  });

  test.each([
    '<memory>1000 </memory>',
    '<memory>-1</memory>',
    '<memory>0x10</memory>',
    '<memory>1e3</memory>',
    '<memory>1.5</memory>',
    '<memory>9007199254740992</memory>',
    "<memory unit='b'>9223372036854775807</memory>",
    "<memory unit=' KiB'>1</memory>",
    "<memory unit='KiBs'>1</memory>",
    '<memory>0</memory>',
    '<memory/>',
    '',
  ])('%s is refused', (inner) => {
    expect(messageOf(() => memory(inner))).toMatch(/^f:\d+:\d+: .*(must be|give)/);
  });
});

describe('where a refusal points', () => {
  const lines = (...inner: string[]) =>
    [
      "<domain type='kvm'>",
      '  <name>n</name>',
      '  <memory>1024</memory>',
      '  <os><type>hvm</type></os>',
      ...inner,
      '</domain>',
    ].join('\n');

  test.each([
    [lines('  <vcpu>0</vcpu>'), 'case.xml:5:3: <vcpu> is "0"; it must be a whole number from 1'],
    [lines('', "  <vcpu current='3'>2</vcpu>").replaceAll('\n', '\r\n'), 'case.xml:6:3: current=3 is above'],
    [lines('  <vcpu>2'), 'case.xml:6:1: </domain> where </vcpu> was expected'],
    [
      lines("  <devices><controller type='raw'/></devices>"),
      'case.xml:5:12: type="raw" of <controller> is wrong; it must be one of',
    ],
    ['<domain type="kvm"/>', 'case.xml:1:1: the domain has no <os><type>'],
    ['<domstatus/>', 'case.xml:1:1: the root element is <domstatus>; it must be <domain>'],
  ])('%#', (xml, expected) => {
    const message = messageOf(() => parseDomainXml(xml, 'case.xml'));
    expect(message.slice(0, expected.length)).toBe(expected);
  });
});
