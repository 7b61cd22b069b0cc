# A Rack application: hello, and something slow.
run lambda { |env|
  if env['PATH_INFO'] == '/slow'
    $stdout.puts 'busy'
    $stdout.flush
    sleep 1
  end
  [200, { 'content-type' => 'text/plain', 'content-length' => '6' }, ["hello\n"]]
}
