<?php
// php wait-until-closed.php 20081: returns when nothing listens on this port of the pod any more.
while ($socket = @fsockopen('127.0.0.1', (int) $argv[1])) {
    fclose($socket);
    usleep(200000);
}
