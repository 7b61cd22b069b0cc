#!/usr/bin/env node
// kubectl_complete-k8s_run of the npm package: kubectl 1.26 and later run it with the words that are to be completed. A file of its
// own, because a package manager may call it through a script, in which the name would be lost, and the words would be run.
process.argv.splice(2, 0, 'completion', 'kubectl', '--');
require('./k8s-run.js');
