package pagemachine

import (
	"context"
	"os"
	"path"
	"path/filepath"

	"socketlabs/labs/internal/gotest"
	"socketlabs/labs/internal/timemachine"
	"socketlabs/labs/internal/timemachine/protocol"
)

// guestFolder is the folder of the source of the guest's init program.
const guestFolder = "./labs/internal/timemachine/guest"

// build compiles the guest's program and the tests of the labs, and writes the guest's file system into dir.
func (p parts) build(ctx context.Context, root string, labs []string, dir string) (archive string, err error) {
	const small = "-ldflags=-s -w"
	bin := filepath.Join(dir, "bin") + string(filepath.Separator)
	if err := os.Mkdir(bin, 0o777); err != nil {
		return "", err
	}
	if err := compile(ctx, root, dir, "build", "-trimpath", "-buildvcs=false", small, "-o", filepath.Join(dir, "guest"), guestFolder); err != nil {
		return "", err
	}
	test := []string{"test", "-c", "-trimpath", "-buildvcs=false", "-vet=off", small, "-o", bin}
	files := [][2]string{
		{"/init", filepath.Join(dir, "guest")},
		{protocol.Modules + "/0-inet_diag.ko", p.file("inet_diag.ko")}, // tcp_diag needs inet_diag
		{protocol.Modules + "/1-tcp_diag.ko", p.file("tcp_diag.ko")},
	}
	for _, lab := range labs {
		test = append(test, "./"+lab)
		files = append(files, [2]string{path.Join(protocol.Binaries, lab+".test"), filepath.Join(bin, lab+".test")})
	}
	if err := compile(ctx, root, dir, test...); err != nil {
		return "", err
	}
	archive = filepath.Join(dir, "archive")
	return archive, timemachine.WriteInitramfs(archive, files)
}

// compile runs the go command for a 32-bit PC. Compilers write temporary files to dir.
func compile(ctx context.Context, root, dir string, args ...string) error {
	return gotest.Build(ctx, root, dir, append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=386"), args...)
}
