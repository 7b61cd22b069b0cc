module example/go-resize

go 1.19
