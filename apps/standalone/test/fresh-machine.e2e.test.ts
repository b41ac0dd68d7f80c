import { describe, expect, test } from '@jest/globals';
import { freePorts } from '@crossdesk/testkit';
import { onMachine, type Outcome, whyNoMachine } from './support/machine.ts';
import type { Tried } from './support/try-postgres.ts';

const reason = whyNoMachine();
const describeMachines = reason === null ? describe : describe.skip;
const timeoutMs = 240_000;

/** The lines that a successful script printed. */
function linesOf({ code, stdout, stderr }: Outcome): string[] {
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout.trim().split('\n');
}

/** The result of each start, in order. Fails when something else was printed or a server did not end. */
function startsOf(outcome: Outcome): Tried[] {
  const tried = linesOf(outcome).map((line) => JSON.parse(line) as Tried);
  expect(tried.filter(({ hasEnded }) => !hasEnded)).toEqual([]);
  return tried;
}

const closed = 'mkdir -m 700 /mnt/closed; checkout /mnt/closed/a';
/** Replaces the users of the machine. */
const users = (...lines: string[]): string => `
  printf '%s\\n' 'root:x:0:0::/root:/bin/sh' ${lines.map((line) => `'${line}'`).join(' ')} > /mnt/passwd
  mount --bind /mnt/passwd /etc/passwd
  echo 'passwd: files' > /mnt/nsswitch && mount --bind /mnt/nsswitch /etc/nsswitch.conf`;
const ann = `
  ${users('postgres:x:101:101::/:/bin/sh', 'ann:x:47000:47000::/mnt/home:/bin/sh')}
  mkdir /mnt/home && chown 47000:47000 /mnt/home && export HOME=/mnt/home
  as_ann() { setpriv --reuid 47000 --regid 47000 --clear-groups "$@"; }
  try_as_ann() { as_ann /mnt/node /mnt/open/apps/standalone/test/support/try-postgres.ts "$@"; }`;

describeMachines(`on any fresh machine${reason === null ? '' : ` (skipped: ${reason})`}`, () => {
  test(
    'root starts in a folder that only root may enter; the last lines name the data folder, and the next start finds it',
    async () => {
      const [gatewayPort, ingestPort] = await freePorts(2);
      const outcome = await onMachine(`
        ${closed}; cd /mnt/closed/a
        export DATA_DIRECTORY=/mnt/closed/data GATEWAY_PORT=${gatewayPort} INGEST_PORT=${ingestPort} HEALTH_PORT=0
        touch /mnt/said; /mnt/node apps/standalone/src/main.ts --empty > /mnt/said & started=$!
        until grep -q 'createWorkspace' /mnt/said; do kill -0 $started; sleep 0.1; done
        kill -TERM $started; wait $started
        sed -n 's/^  Data  *//p' /mnt/said
        umask 077; try_postgres /mnt/closed/a /mnt/closed/data
        try_postgres /mnt/closed/a /mnt/closed/data`);
      const [said = '', ...starts] = linesOf(outcome);
      const [, home] =
        /^\/mnt\/closed\/data and (\/var\/lib\/crossdesk\/data-of-mnt-closed-data-\S+)$/.exec(said) ?? [];
      expect(startsOf({ ...outcome, stdout: starts.join('\n') })).toMatchObject([
        { home, starts: 1, uid: expect.any(Number) },
        { home, starts: 2 },
      ]);
    },
    timeoutMs,
  );

  test(
    'root in another folder: the data stay in that folder',
    async () => {
      const outcome = await onMachine(`
        checkout /mnt/open
        try_postgres /mnt/open /mnt/open-data
        test ! -e /var/lib/crossdesk`);
      expect(startsOf(outcome)).toMatchObject([{ home: '/mnt/open-data' }]);
    },
    timeoutMs,
  );

  test(
    'an ordinary user with a read-only home; root continues with the data as that user',
    async () => {
      const outcome = await onMachine(`
        ${ann}
        checkout /mnt/open; mkdir /mnt/data && chown 47000 /mnt/data
        mount --bind /mnt/home /mnt/home && mount -o remount,bind,ro /mnt/home
        try_as_ann /mnt/data
        try_postgres /mnt/open /mnt/data`);
      expect(startsOf(outcome)).toMatchObject([
        { starts: 1, uid: 47_000, home: '/mnt/data' },
        { starts: 2, uid: 47_000, home: '/mnt/data' },
      ]);
    },
    timeoutMs,
  );

  test(
    'a data folder that the user may not use is named with its owner',
    async () => {
      const outcome = await onMachine(`
        ${ann}
        checkout /mnt/open; mkdir -p /mnt/data/postgres && chown 101 /mnt/data/postgres && chmod 700 /mnt/data/postgres
        refused try_as_ann /mnt/data
        touch /mnt/data/postgres/PG_VERSION; chown root /mnt/data/postgres
        refused try_postgres /mnt/open /mnt/data
        chown postgres /mnt/data/postgres; chmod 700 /mnt/data
        refused try_postgres /mnt/open /mnt/data
        rm -r /mnt/data/postgres && ln -s /mnt/gone/postgres /mnt/data/postgres
        refused try_postgres /mnt/open /mnt/data`);
      expect(linesOf(outcome)).toEqual([
        'the data folder /mnt/data/postgres belongs to the user postgres: start as that user or as root',
        'the data folder /mnt/data/postgres belongs to root, and Postgres does not run as root: chown -R postgres /mnt/data/postgres',
        expect.stringMatching(
          '^the user postgres, who runs Postgres for root, may not enter .* /mnt/data/postgres: move',
        ),
        expect.stringMatching('^the data folder /mnt/data/postgres .* leads to /mnt/gone/postgres, which is gone'),
      ]);
    },
    timeoutMs,
  );

  test(
    'a path with spaces and 店',
    async () => {
      const outcome = await onMachine(`
        checkout '/mnt/my first 店/a'
        try_postgres '/mnt/my first 店/a' '/mnt/my first 店/data'
        mkdir -m 700 '/mnt/my second 店'; checkout '/mnt/my second 店/a'
        try_postgres '/mnt/my second 店/a' '/mnt/my second 店/data'`);
      expect(startsOf(outcome)).toMatchObject([
        { home: '/mnt/my first 店/data' },
        { home: expect.stringMatching('^/var/lib/crossdesk/data-of-mnt-my-second-店-data-') },
      ]);
    },
    timeoutMs,
  );

  test(
    'a checkout is deleted while its server runs: the server continues with a copy, and ends in any case',
    async () => {
      const outcome = await onMachine(`
        ${closed}; checkout /mnt/closed/b; checkout /mnt/open
        try_postgres /mnt/closed/a /mnt/closed/data-a 'umount --lazy /mnt/closed/a && rmdir /mnt/closed/a'
        try_postgres /mnt/closed/b /mnt/closed/data-a
        try_postgres /mnt/open /mnt/open-data true 'umount --lazy /mnt/open && rmdir /mnt/open'`);
      expect(startsOf(outcome)).toMatchObject([{ starts: 1 }, { starts: 2 }, { home: '/mnt/open-data' }]);
    },
    timeoutMs,
  );

  test(
    'the folder for temporary files is emptied while a server runs, and between two starts',
    async () => {
      const outcome = await onMachine(`
        ${closed}
        try_postgres /mnt/closed/a /mnt/closed/data 'find "$TMPDIR" -mindepth 1 -delete'
        touch "$TMPDIR/new" && rm -r "$TMPDIR"
        try_postgres /mnt/closed/a /mnt/closed/data`);
      expect(startsOf(outcome)).toMatchObject([{ starts: 1 }, { starts: 2 }]);
    },
    timeoutMs,
  );

  test(
    'two processes start on the same new data at once, and replace a broken copy of the programs',
    async () => {
      const together = (file: string): string =>
        `echo here >> /mnt/${file}; until [ $(wc -l < /mnt/${file}) = 2 ]; do sleep 0.1; done`;
      const outcome = await onMachine(`
        ${closed}
        try_postgres /mnt/closed/a /mnt/closed/other
        broken=$(echo /var/lib/crossdesk/postgres-*)
        truncate --size 1000 "$broken"/lib/libicuuc.so.60.2
        mkdir /var/lib/crossdesk/making-old && touch --date '2 hours ago' /var/lib/crossdesk/making-old
        try_postgres /mnt/closed/a /mnt/closed/data '${together('started')}' '${together('counted')}' & one=$!
        try_postgres /mnt/closed/a /mnt/closed/data '${together('started')}' '${together('counted')}' & two=$!
        wait $one; wait $two
        test ! -e "$broken"; test ! -e /var/lib/crossdesk/making-old`);
      const [, first, second] = startsOf(outcome);
      expect(first).toMatchObject({ home: second?.home, starts: 2 });
      expect(second?.starts).toBe(2);
    },
    timeoutMs,
  );

  test(
    'without the users postgres and nobody another account runs the server; with root alone the error says what to do',
    async () => {
      const outcome = await onMachine(`
        ${users('daemon:x:1:1::/:/usr/sbin/nologin')}
        checkout /mnt/open
        try_postgres /mnt/open /mnt/data`);
      expect(startsOf(outcome)).toMatchObject([{ uid: 1 }]);
      const alone = await onMachine(`
        ${users()}
        checkout /mnt/open
        refused try_postgres /mnt/open /mnt/data`);
      expect(linesOf(alone)).toEqual([expect.stringMatching('useradd --system postgres')]);
    },
    timeoutMs,
  );

  test(
    'a full disk is reported with the needed space, and no partial files are left on it',
    async () => {
      const outcome = await onMachine(`
        ${closed}
        mount -t tmpfs -o size=20m tmpfs /var/lib
        refused try_postgres /mnt/closed/a /mnt/closed/data
        find /var/lib/crossdesk -mindepth 1
        mount -o remount,size=1g /var/lib
        mkdir /mnt/small && mount -t tmpfs -o size=20m,mode=755 tmpfs /mnt/small
        refused try_postgres /mnt/closed/a /mnt/small/data
        ls /mnt/small/data
        mount -o remount,size=200m /mnt/small
        try_postgres /mnt/closed/a /mnt/small/data
        head -c 300m /dev/zero > /mnt/small/ballast 2>/dev/null || true
        refused try_postgres /mnt/closed/a /mnt/small/data
        rm /mnt/small/ballast
        try_postgres /mnt/closed/a /mnt/small/data`);
      const free = 'free; free some space, or keep the';
      expect(linesOf(outcome)).toEqual([
        expect.stringMatching(
          `^the disk at /var/lib is full: a copy of Postgres in /var/lib/crossdesk takes about 60 MB, 21 MB are ${free} checkout`,
        ),
        expect.stringMatching(
          `^the disk at /mnt/small is full: a new database in /mnt/small/data takes about 80 MB, 21 MB are ${free} data on another disk`,
        ),
        'postgres-password',
        expect.stringMatching('"starts":1'),
        expect.stringMatching(`^the disk at /mnt/small is full: a database in /mnt/small/data.* 0 MB are ${free} data`),
        expect.stringMatching('"starts":2'),
      ]);
    },
    timeoutMs,
  );
});
