// Stands in for the engine where it is the engine's misbehaviour that is tried. `ENGINE_COMMAND = node THIS KIND`.
import { spawn } from "node:child_process";
import fs from "node:fs";
import { getCompileCacheDir } from "node:module";

const kind = process.argv[2];
const stay = () => setInterval(() => {}, 1000);
const seen = (path) => {
  try {
    return fs.readFileSync(path, "utf8");
  } catch (error) {
    return error.code;
  }
};
const answer = (fields) => process.stdout.write(JSON.stringify({ ok: true, status: "ok", final: "", ...fields }));

const kinds = {
  // Says what it sees: it is told where to look by the prompt, a JSON list of paths.
  report() {
    const prompt = process.argv[process.argv.indexOf("--message-file") + 1];
    const status = seen("/proc/self/status");
    answer({
      final: JSON.stringify({
        environment: process.env,
        arguments: process.argv.slice(3),
        uid: process.getuid(),
        groups: process.getgroups(),
        folder: process.cwd(),
        files: fs.readdirSync(".", { recursive: true }).sort(),
        mode: (fs.statSync("..").mode & 0o777).toString(8),
        stdin: seen("/dev/stdin"),
        status: Object.fromEntries(status.split("\n").map((line) => line.split(/:\s+/))),
        limits: seen("/proc/self/limits"),
        compileCache: getCompileCacheDir() && fs.realpathSync(getCompileCacheDir()),
        seen: Object.fromEntries(JSON.parse(seen(prompt)).map((path) => [path, seen(path)])),
      }),
    });
  },
  garbage: () => process.stdout.write("Segmentation fault\n{\"ok\": tru"),
  silent: () => {},
  list: () => process.stdout.write("[1, 2]"),
  huge() {
    const write = () => process.stdout.write("x".repeat(65536), write);
    write();
  },
  chatty() {
    process.stderr.write("a line that quotes a mail\n".repeat(50000));
    answer({});
  },
  stubborn() {
    for (const name of ["SIGTERM", "SIGINT", "SIGHUP"]) process.on(name, () => {});
    stay();
  },
  // A child in a session of its own, which holds our pipes: killing our group is not enough.
  escaping() {
    spawn(process.execPath, [process.argv[1], "stubborn"], { detached: true, stdio: "inherit" });
    stay();
  },
  hungry() {
    const kept = [];
    setInterval(() => kept.push(Buffer.alloc(32 * 2 ** 20, 1)), 50);
  },
  // The memory is a child's.
  hungry_family() {
    spawn(process.execPath, [process.argv[1], "hungry"], { stdio: "ignore" });
    stay();
  },
  full_heap() {
    const kept = [];
    for (;;) kept.push(new Array(100000).fill({}).map(() => ({ text: Math.random() })));
  },
  killed: () => process.kill(process.pid, "SIGKILL"),
  timeout() {
    answer({ ok: false, status: "timeout", error: { kind: "timeout", message: "Agent run timed out" } });
    process.exitCode = 2;
  },
};
kinds[kind]();
