import { beforeEach, describe, expect, it } from 'vitest';
import { presetAccess, presetFamilies } from '../../../agent/access/presets.ts';
import { Vacm } from '../../../agent/access/vacm.ts';
import { SECURITY_LEVEL, SECURITY_MODEL } from '../../../agent/access/vacm-rows.ts';
import { SnmpEngine } from '../../../agent/engine/engine.ts';
import { SnmpCounters } from '../../../agent/message/counters.ts';
import { MPD_REPORT } from '../../../agent/message/v3-constants.ts';
import { ROW_STATUS, STORAGE_TYPE } from '../../../agent/mib/managed-table.ts';
import { Registry } from '../../../agent/mib/registry.ts';
import { SortedRows } from '../../../agent/mib/rows.ts';
import { mpdMib } from '../../../agent/objects/mpd-mib.ts';
import { CommunityTable } from '../../../agent/security/communities.ts';
import { silentLogger } from '../../../agent/util/logger.ts';
import { syntheticModule } from '../../support/synthetic-module.ts';
import { authKey, ENGINE_ID, privKey, UsmLaboratory } from '../../support/usm-laboratory.ts';
import { decodeV3, reportOf, type V3Fields, v3Message } from '../../support/v3-messages.ts';
import { element, elements, pduElement, value, varbindElement, WIRE } from '../../support/wire.ts';

const SOURCE = { address: '127.0.0.1', port: 50_000 };
const LAB = '1.3.6.1.4.1.8072.9999.9999.78';
const MPD_STATS = '1.3.6.1.6.3.11.2.1';
/** An engine ID that is not ours. */
const OTHER = Uint8Array.from(Buffer.from('80001f88800001020304050608', 'hex'));
const auth = authKey('SHA-256');
const priv = privKey('SHA-256', 'AES');
/** A message of the user `admin`, authenticated and encrypted. */
const ADMIN: V3Fields = { engineId: ENGINE_ID, boots: 5, time: 1000, userName: 'admin', auth, priv };
/** The same user in clear, so that what the message processing refuses is seen as it is. */
const PLAIN: V3Fields = { engineId: ENGINE_ID, boots: 5, time: 1000, userName: 'admin' };

let laboratory: UsmLaboratory;
let counters: SnmpCounters;
let engine: SnmpEngine;

beforeEach(() => {
  laboratory = new UsmLaboratory();
  laboratory.addUser('admin', 'SHA-256', 'AES');
  counters = new SnmpCounters();
  const vacm = adminAccess();
  const rows = new SortedRows<number>();
  for (let i = 1; i <= 500; i++) rows.set([i], i);
  const table = syntheticModule({
    root: LAB,
    tables: {
      texts: { at: 1, rows, columns: { text: { at: 2, base: 'OctetString', read: () => 'x'.repeat(40) } } },
    },
  });
  engine = new SnmpEngine({
    registry: new Registry([mpdMib(counters), table]),
    communities: new CommunityTable([]),
    vacm,
    counters,
    limits: { bulk: 65_507, any: 65_507 },
    logger: silentLogger,
    usm: {
      usm: laboratory.usm,
      engine: { id: ENGINE_ID, boots: () => laboratory.boots, timeSeconds: () => laboratory.timeSeconds },
      hasContext: (name) => vacm.contexts.has(name),
    },
  });
});

/** Access control by which `admin` sees everything at any level. */
function adminAccess(): Vacm {
  const vacm = new Vacm();
  vacm.configure({
    contexts: [''],
    groups: [
      {
        securityModel: SECURITY_MODEL.usm,
        securityName: 'admin',
        groupName: 'admin',
        storageType: STORAGE_TYPE.permanent,
        status: ROW_STATUS.active,
      },
    ],
    access: [
      presetAccess('admin', {
        securityModel: SECURITY_MODEL.usm,
        securityLevel: SECURITY_LEVEL.noAuthNoPriv,
      }),
    ],
    families: presetFamilies(),
  });
  return vacm;
}

/** Gives the engine a message; its answer, taken apart, and by how much each counter went up. */
function exchange(fields: V3Fields) {
  const before = { ...counters };
  const octets = engine.process(v3Message(fields), SOURCE)?.slice();
  const counted = Object.fromEntries(
    (Object.keys(counters) as (keyof SnmpCounters)[])
      .map((name) => [name, counters[name] - before[name]] as const)
      .filter(([, more]) => more !== 0),
  );
  // A Report may be less protected than the message that it answers.
  const level = octets && flagsOf(octets);
  const answer =
    octets && decodeV3(octets, level! & 1 ? fields.auth : undefined, level! & 2 ? fields.priv : undefined);
  return { octets, answer, counted };
}

function flagsOf(octets: Uint8Array): number {
  const [, global] = elements(elements(octets, true)[0]!.content, true);
  return elements(global!.content, true)[2]!.content[0]!;
}

/** A scoped PDU of our default context. */
function scoped(type: number, oids: readonly string[], fields: { fieldA?: number; fieldB?: number } = {}) {
  const varbinds = oids.flatMap((oid) => varbindElement({ oid, value: value.null }));
  const pdu = pduElement({ type, requestId: 4711, fieldA: 0, fieldB: 0, ...fields }, varbinds);
  return element(WIRE.Sequence, [
    ...element(WIRE.OctetString, [...ENGINE_ID]),
    ...element(WIRE.OctetString, []),
    ...pdu,
  ]);
}

describe('a message that is dropped before security looks at it (RFC 3412 section 7.2)', () => {
  it.each([1, 2, 4, 257, 2 ** 31 - 1])('of security model %i: snmpUnknownSecurityModels', (securityModel) => {
    const { answer, counted } = exchange({ ...ADMIN, securityModel });
    expect([answer, counted]).toEqual([undefined, { inPkts: 1, unknownSecurityModels: 1 }]);
  });

  it.each([0x02, 0x06, 0xfe])('with msgFlags %i, privacy alone: snmpInvalidMsgs', (flags) => {
    const { answer, counted } = exchange({ ...ADMIN, flags });
    expect([answer, counted]).toEqual([undefined, { inPkts: 1, invalidMsgs: 1 }]);
  });

  it('of another security model and with impossible msgFlags: the model comes first', () => {
    expect(exchange({ ...ADMIN, securityModel: 4, flags: 2 }).counted).toEqual({
      inPkts: 1,
      unknownSecurityModels: 1,
    });
  });

  it.each<[string, V3Fields]>([
    ['msgID -1', { messageId: -1 }],
    ['msgMaxSize 483', { maxSize: 483 }],
    ['msgMaxSize 2^31', { maxSize: 2 ** 31 }],
    ['msgSecurityModel 0', { securityModel: 0 }],
    ['msgSecurityModel -1', { securityModel: -1 }],
  ])('with %s: snmpInASNParseErrs', (_what, change) => {
    const { answer, counted } = exchange({ ...ADMIN, ...change });
    expect([answer, counted]).toEqual([undefined, { inPkts: 1, inAsnParseErrs: 1 }]);
  });
});

describe('a message that security has let pass', () => {
  it.each([0, 1, 2 ** 31 - 1])('is answered under its msgID, %i, with the same context', (messageId) => {
    const { answer } = exchange({ ...ADMIN, messageId, scopedPdu: scoped(WIRE.get, [`${MPD_STATS}.1.0`]) });
    expect(answer).toMatchObject({ messageId, maxSize: 65_507, flags: 3, securityModel: 3, contextName: '' });
    expect(Array.from(answer!.contextEngineId)).toEqual(Array.from(ENGINE_ID));
    expect(answer!.pdu.tag).toBe(WIRE.response);
  });

  it.each([
    0x04, 0x00, 0xf8, 0xfc,
  ])('takes no notice of other bits in msgFlags (%i), nor sets them', (bits) => {
    const { answer } = exchange({ ...ADMIN, flags: 3 | bits });
    expect([answer?.pdu.tag, answer?.flags]).toEqual([WIRE.response, 3]);
  });

  it.each<[string, V3Fields]>([
    ['in clear', PLAIN],
    ['encrypted', ADMIN],
  ])('about another engine is reported as snmpUnknownPDUHandlers, %s', (_how, fields) => {
    for (const value of [1, 2]) {
      const { answer, counted } = exchange({ ...fields, contextEngineId: OTHER, requestId: 99 });
      expect(reportOf(answer!)).toEqual({ requestId: 99, name: MPD_REPORT.unknownPDUHandlers, value });
      expect(answer).toMatchObject({ flags: fields.auth ? 3 : 0, contextName: '' });
      expect(Array.from(answer!.contextEngineId)).toEqual(Array.from(ENGINE_ID));
      expect(counted).toEqual({ inPkts: 1, outPkts: 1, unknownPduHandlers: 1 });
    }
  });

  it('about no engine at all is reported, too', () => {
    const { answer } = exchange({ ...ADMIN, contextEngineId: new Uint8Array(0) });
    expect(reportOf(answer!).name).toEqual(MPD_REPORT.unknownPDUHandlers);
  });

  it.each([
    'elsewhere',
    ' ',
    'x'.repeat(255),
  ])('in the context %j, which is not there, is reported', (contextName) => {
    const { answer, counted } = exchange({ ...ADMIN, contextName, requestId: 98 });
    expect(reportOf(answer!)).toEqual({ requestId: 98, name: MPD_REPORT.unknownContexts, value: 1 });
    expect(counted).toEqual({ inPkts: 1, outPkts: 1, unknownContexts: 1 });
  });

  it('with an InformRequest, which wants an answer, is reported whatever reportableFlag says', () => {
    for (const fields of [PLAIN, ADMIN]) {
      for (const reportable of [0, 4]) {
        const flags = reportable | (fields.auth ? 3 : 0);
        const { answer, counted } = exchange({ ...fields, flags, pduType: WIRE.inform, requestId: 7 });
        expect(reportOf(answer!)).toMatchObject({ requestId: 7, name: MPD_REPORT.unknownPDUHandlers });
        expect(counted).toEqual({ inPkts: 1, outPkts: 1, unknownPduHandlers: 1 });
      }
    }
  });

  it.each([
    ['an SNMPv2-Trap', WIRE.trapV2],
    ['a Response', WIRE.response],
    ['a Report', WIRE.report],
  ])('with %s, which nobody here takes, is dropped and counted', (_what, pduType) => {
    for (const fields of [PLAIN, { ...PLAIN, flags: 4 }, ADMIN]) {
      const { answer, counted } = exchange({ ...fields, pduType });
      expect([answer, counted]).toEqual([undefined, { inPkts: 1, unknownPduHandlers: 1 }]);
    }
  });

  it.each([
    0x9f, 0xa4, 0xa9, 0x30,
  ])('with the tag %i in place of a PDU is none that can be parsed', (pduType) => {
    for (const fields of [PLAIN, ADMIN]) {
      const { answer, counted } = exchange({ ...fields, pduType });
      expect([answer, counted]).toEqual([undefined, { inPkts: 1, inAsnParseErrs: 1 }]);
    }
  });
});

describe('msgMaxSize', () => {
  const bulk = scoped(WIRE.getBulk, [`${LAB}.1.1.2`], { fieldA: 0, fieldB: 500 });
  it.each([
    484,
    485,
    500,
    777,
    1472,
    20_000,
    65_507,
    2 ** 31 - 1,
  ])('of %i holds a GETBULK answer', (maxSize) => {
    for (const fields of [PLAIN, ADMIN]) {
      const { octets, answer } = exchange({ ...fields, maxSize, scopedPdu: bulk });
      expect(answer!.pdu.tag).toBe(WIRE.response);
      expect(octets!.length).toBeLessThanOrEqual(maxSize);
      const [, , , list] = elements(answer!.pdu.content, true);
      const rows = elements(list!.content, true).length;
      // Filled as far as one more binding of this size would not have fitted, or all rows are there.
      if (rows < 500) expect(octets!.length).toBeGreaterThan(maxSize - 80);
    }
  });

  it('turns an answer that does not fit into tooBig without bindings', () => {
    const names = Array.from({ length: 30 }, (_, i) => `${LAB}.1.1.2.${i + 1}`);
    for (const fields of [PLAIN, ADMIN]) {
      const { octets, answer, counted } = exchange({
        ...fields,
        maxSize: 600,
        scopedPdu: scoped(WIRE.get, names),
      });
      const [, status, index, list] = elements(answer!.pdu.content, true);
      expect([status!.content[0], index!.content[0], list!.content.length]).toEqual([1, 0, 0]);
      expect(octets!.length).toBeLessThanOrEqual(600);
      expect(counted).toMatchObject({ outTooBigs: 1 });
    }
  });
});

it('SNMP-MPD-MIB shows what was dropped', () => {
  exchange({ ...ADMIN, securityModel: 9 });
  for (let i = 0; i < 2; i++) exchange({ ...ADMIN, flags: 2 });
  for (let i = 0; i < 3; i++) exchange({ ...ADMIN, contextEngineId: OTHER });
  const names = [1, 2, 3].map((number) => `${MPD_STATS}.${number}.0`);
  const { answer } = exchange({ ...ADMIN, scopedPdu: scoped(WIRE.get, names) });
  const [, , , list] = elements(answer!.pdu.content, true);
  const values = elements(list!.content, true).map(({ content }) => elements(content, true)[1]);
  expect(values.map((counter) => [counter!.tag, ...counter!.content])).toEqual([
    [WIRE.Counter32, 1],
    [WIRE.Counter32, 2],
    [WIRE.Counter32, 3],
  ]);
});
