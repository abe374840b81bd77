package report

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/spf13/cobra"

	"socketlabs/labs/internal/cli"
	"socketlabs/labs/internal/drive"
	"socketlabs/labs/internal/gotest"
	"socketlabs/labs/internal/kept"
	"socketlabs/labs/internal/names"
	"socketlabs/labs/internal/pagemachine"
	"socketlabs/labs/internal/site"
)

// Site is the verb site.
func Site(s *cli.Session) *cobra.Command {
	var dir, from, place string
	serve := false
	cmd := &cobra.Command{
		Use:   "site",
		Short: "Write a web site that runs the experiments in the browser",
		Long: "Runs the experiments, and writes a web site about them, for any static host.\n" +
			"Its pages run the experiments, too, on a Linux kernel within the page, if\n" +
			"\"make machine\" has fetched the parts of that machine.",
		Args:              cli.Takes(0, 0, "flags only"),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: s.Loaded(func(ctx context.Context, _ []string) error {
			if dir == "" && !serve {
				return errors.New("say where to write the site: go run ./labs site -o DIR; or --serve shows it")
			}
			return writeSite(ctx, s, dir, from, place, serve)
		}),
	}
	cli.PathFlag(cmd, &dir, "output", "o", "write the site into `DIR`")
	cmd.MarkFlagDirname("output")
	cli.FromFlag(cmd, &from, "run nothing, and take what --keep has left in `DIR`")
	cli.OnFlag(cmd, &place)
	cmd.MarkFlagsMutuallyExclusive("from", "on")
	cmd.Flags().BoolVar(&serve, "serve", false, "show it on the loopback until ^C")
	return cmd
}

// writeSite writes the site, and shows it. If an experiment fails, it returns an error, but still writes the site.
func writeSite(ctx context.Context, s *cli.Session, dir, from, place string, serve bool) error {
	temporary, err := os.MkdirTemp("", "labs-site-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temporary)
	if dir == "" {
		dir = filepath.Join(temporary, "site")
	}
	if err := site.CanReplace(dir); err != nil {
		return err
	}
	var failed error
	if from == "" {
		if err := drive.Choose(ctx, s, place, s.Experiments); err != nil {
			return err
		}
		from = filepath.Join(temporary, "kept")
		if failed = observe(ctx, s, from); failed != nil && !errors.Is(failed, gotest.ErrFailed) {
			return failed
		}
	}
	c := site.Content{Root: s.Root, Experiments: s.Experiments}
	if c.Runs, err = kept.Read(from); err != nil {
		return err
	}
	progress := func(doing string) { fmt.Fprintln(s.Screen, doing) }
	if missing := pagemachine.Missing(); missing != "" {
		progress("without \"run it here\": " + missing)
	} else if c.Machine, err = pagemachine.Make(ctx, s.Root, names.Labs(s.Experiments), progress); err != nil {
		return err
	}
	progress("writing the site")
	if err := site.Write(ctx, dir, c); err != nil {
		return err
	}
	if serve {
		return cmp.Or(serveSite(ctx, s, dir, temporary), failed)
	}
	progress(filepath.Join(dir, "index.html"))
	return failed
}

// serveSite shows the site until ctx ends. The server is a program of its own, which is compiled only when it is needed.
func serveSite(ctx context.Context, s *cli.Session, dir, temporary string) error {
	server := filepath.Join(temporary, "siteserver")
	if err := gotest.Build(ctx, s.Root, temporary, os.Environ(), "build", "-o", server, "./labs/internal/siteserver/main"); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, server, dir)
	cmd.Stdout, cmd.Stderr = s.Screen, os.Stderr
	if _, err := cmd.StdinPipe(); err != nil { // the server runs until this pipe is closed
		return err
	}
	err := cmd.Run()
	return cmp.Or(context.Cause(ctx), err)
}
