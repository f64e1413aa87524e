// Generated from the text of the module by `npm run gen`. Edit that, and generate again.
import type { ModuleDefinition } from '../definition.ts';

/** Definitions of LIBVIRT-MIB, as of 202611230000Z. */
export const LIBVIRT_MIB = {
  name: 'LIBVIRT-MIB',
  oid: [1, 3, 6, 1, 4, 1, 36957],
  lastUpdated: '202611230000Z',
  scalars: {},
  tables: {
    libvirtGuestTable: {
      oid: [1, 3, 6, 1, 4, 1, 36957, 1, 1],
      entry: [1, 3, 6, 1, 4, 1, 36957, 1, 1, 1],
      entryName: 'libvirtGuestEntry',
      status: 'current',
      index: [
        {
          name: 'libvirtGuestUUID',
          implied: false,
          syntax: {
            base: 'OctetString',
            convention: 'UUID',
            sizes: [[16, 16]],
            displayHint: '4x-2x-2x-2x-6x',
          },
        },
      ],
      columns: {
        libvirtGuestUUID: {
          oid: [1, 3, 6, 1, 4, 1, 36957, 1, 1, 1, 1],
          syntax: {
            base: 'OctetString',
            convention: 'UUID',
            sizes: [[16, 16]],
            displayHint: '4x-2x-2x-2x-6x',
          },
          access: 'accessible-for-notify',
          status: 'current',
        },
        libvirtGuestName: {
          oid: [1, 3, 6, 1, 4, 1, 36957, 1, 1, 1, 2],
          syntax: { base: 'OctetString' },
          access: 'read-only',
          status: 'current',
        },
        libvirtGuestState: {
          oid: [1, 3, 6, 1, 4, 1, 36957, 1, 1, 1, 3],
          syntax: {
            base: 'Integer32',
            enums: { running: 1, blocked: 2, paused: 3, shutdown: 4, shutoff: 5, crashed: 6 },
          },
          access: 'read-create',
          status: 'current',
        },
        libvirtGuestCpuCount: {
          oid: [1, 3, 6, 1, 4, 1, 36957, 1, 1, 1, 4],
          syntax: { base: 'Unsigned32', ranges: [[0, 65535]] },
          access: 'read-only',
          status: 'current',
        },
        libvirtGuestMemoryCurrent: {
          oid: [1, 3, 6, 1, 4, 1, 36957, 1, 1, 1, 5],
          syntax: { base: 'Gauge32', ranges: [[0, 4294967295]] },
          access: 'read-only',
          status: 'current',
        },
        libvirtGuestMemoryLimit: {
          oid: [1, 3, 6, 1, 4, 1, 36957, 1, 1, 1, 6],
          syntax: { base: 'Unsigned32', ranges: [[0, 4294967295]] },
          access: 'read-only',
          status: 'current',
        },
        libvirtGuestCpuTime: {
          oid: [1, 3, 6, 1, 4, 1, 36957, 1, 1, 1, 7],
          syntax: { base: 'Counter64' },
          access: 'read-only',
          status: 'current',
        },
        libvirtGuestRowStatus: {
          oid: [1, 3, 6, 1, 4, 1, 36957, 1, 1, 1, 9],
          syntax: {
            base: 'Integer32',
            convention: 'RowStatus',
            enums: { active: 1, notInService: 2, notReady: 3, createAndGo: 4, createAndWait: 5, destroy: 6 },
          },
          access: 'read-create',
          status: 'current',
        },
      },
    },
  },
  notifications: {
    libvirtGuestNotif: {
      oid: [1, 3, 6, 1, 4, 1, 36957, 0, 1],
      objects: ['libvirtGuestName', 'libvirtGuestUUID', 'libvirtGuestState', 'libvirtGuestRowStatus'],
      status: 'current',
    },
  },
  nodes: {
    libvirtNotifications: [1, 3, 6, 1, 4, 1, 36957, 0],
    libvirtObjects: [1, 3, 6, 1, 4, 1, 36957, 1],
    libvirtConformance: [1, 3, 6, 1, 4, 1, 36957, 2],
    libvirtCompliances: [1, 3, 6, 1, 4, 1, 36957, 2, 1],
    libvirtCompliance: [1, 3, 6, 1, 4, 1, 36957, 2, 1, 1],
    libvirtFullCompliance: [1, 3, 6, 1, 4, 1, 36957, 2, 1, 2],
    libvirtGroups: [1, 3, 6, 1, 4, 1, 36957, 2, 2],
    libvirtGuestGroup: [1, 3, 6, 1, 4, 1, 36957, 2, 2, 1],
    libvirtGuestNotifyObjectsGroup: [1, 3, 6, 1, 4, 1, 36957, 2, 2, 2],
    libvirtGuestNotificationsGroup: [1, 3, 6, 1, 4, 1, 36957, 2, 2, 3],
  },
} as const satisfies ModuleDefinition;
