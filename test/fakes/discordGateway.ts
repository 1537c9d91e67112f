import type { Server } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';

type Packet = { op: number; d: unknown; t?: string; s?: number };

export type GatewayOptions = {
  token: string;
  url: () => string;
  user: Readonly<Record<string, unknown>>;
  application: string;
};

/** Bits of intents that must be allowed in the developer portal: members, presences, message content. */
const privileged = (1 << 1) | (1 << 8) | (1 << 15);

/** Discord's gateway as far as a bot with slash commands needs it: hello, identify, ready, heartbeats, dispatches, resume. */
export function startGateway(server: Server, { token, url, user, application }: GatewayOptions) {
  const sockets = new WebSocketServer({ server });
  type Session = { packets: Packet[]; socket: WebSocket | undefined; intents: number; shard: number };
  const sessions = new Map<string, Session>();
  const identifies: { intents: number; shard: [number, number] }[] = [];
  let forbidden = privileged;
  let resumes = 0;
  let sessionCount = 0;

  const write = (socket: WebSocket | undefined, packet: Packet) => {
    if (socket?.readyState === 1) socket.send(JSON.stringify(packet));
  };

  function begin(socket: WebSocket, d: { token: string; intents: number; shard?: [number, number] }): void {
    const shard = d.shard ?? [0, 1];
    identifies.push({ intents: d.intents, shard });
    if (d.token !== token) {
      socket.close(4004, 'Authentication failed.');
      return;
    }
    if (d.intents & forbidden) {
      socket.close(4014, 'Disallowed intent(s).');
      return;
    }
    const id = `session${++sessionCount}`;
    const session = { packets: [], socket, intents: d.intents, shard: shard[0] };
    sessions.set(id, session);
    dispatchTo(session, 'READY', {
      v: 10,
      user,
      guilds: [],
      session_id: id,
      resume_gateway_url: url(),
      shard,
      application: { id: application, flags: 0 },
    });
  }

  function resume(socket: WebSocket, d: { token: string; session_id: string; seq: number }): void {
    const session = sessions.get(d.session_id);
    if (!session || d.token !== token) {
      write(socket, { op: 9, d: false });
      return;
    }
    resumes++;
    session.socket = socket;
    for (const packet of session.packets.filter(({ s = 0 }) => s > d.seq)) write(socket, packet);
    dispatchTo(session, 'RESUMED', {});
  }

  function dispatchTo(session: Session, t: string, d: unknown): void {
    const packet = { op: 0, t, d, s: session.packets.length + 1 };
    session.packets.push(packet);
    write(session.socket, packet);
  }

  sockets.on('connection', (socket) => {
    write(socket, { op: 10, d: { heartbeat_interval: 41_250 } });
    socket.on('message', (raw) => {
      const { op, d } = JSON.parse(String(raw)) as Packet;
      if (op === 1) write(socket, { op: 11, d: null });
      if (op === 2) begin(socket, d as Parameters<typeof begin>[1]);
      if (op === 6) resume(socket, d as Parameters<typeof resume>[1]);
    });
  });

  return {
    identifies,
    resumes: () => resumes,
    /** From now on these intents are refused. */
    forbid(intents: number): void {
      forbidden = intents;
    },
    connected: () => [...sockets.clients].some(({ readyState }) => readyState === 1) && sessions.size > 0,
    /** What the newest connection asked to be told of. */
    intents: () => [...sessions.values()].at(-1)?.intents ?? 0,
    /** Sends an event to the newest session of a shard: at once, or when it resumes. */
    dispatch(type: string, data: unknown, shard = 0): void {
      const newest = [...sessions.values()].findLast((session) => session.shard === shard);
      if (newest) dispatchTo(newest, type, data);
    },
    /** Everything is handed out again, as after a resume whose last number was lost. */
    replay(): void {
      const newest = [...sessions.values()].at(-1);
      const again = newest?.packets.filter(({ t }) => t === 'INTERACTION_CREATE' || t === 'MESSAGE_CREATE') ?? [];
      for (const { t = '', d } of again) if (newest) dispatchTo(newest, t, d);
    },
    /** The connection breaks; events wait for the bot to resume. */
    cut(code = 1001): void {
      for (const session of sessions.values()) session.socket = undefined;
      for (const socket of sockets.clients) socket.close(code);
    },
    stop(): void {
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
    },
  };
}
