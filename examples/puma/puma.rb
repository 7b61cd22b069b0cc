port ENV.fetch('PORT', '8080')
workers Integer(ENV.fetch('WEB_CONCURRENCY', '0'))
# Puma ends an orderly stop by SIGTERM with 143, unless it is told not to.
raise_exception_on_sigterm false
# Less than the grace (20 s). Without it a single process waits for its requests without a limit, workers for 30 s.
force_shutdown_after 15
worker_shutdown_timeout 15
