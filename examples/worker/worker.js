// A queue worker: no port, no HTTP. It takes one job after the other, and on SIGTERM finishes the current one.
const JOB_MS = 400;
let stopping = false;

process.on('SIGTERM', () => {
  stopping = true;
});

for (let job = 1; !stopping; job += 1) {
  process.stdout.write(`job ${job} begun\n`);
  await new Promise((resolve) => setTimeout(resolve, JOB_MS));
  process.stdout.write(`job ${job} done\n`);
}
