#!/bin/sh
# A nightly job: takes its steps, and stops between two of them when it is told to.
trap 'echo "stopped early"; exit 75' TERM
for step in 1 2 3; do
  echo "step $step"
  sleep "${STEP_SECONDS:-1}" &
  wait $!
done
echo "done"
