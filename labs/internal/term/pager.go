package term

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"

	"github.com/charmbracelet/colorprofile"
)

// Paged shows what write writes. On a terminal, it shows a screenful at a time.
func (s *Screen) Paged(write func(io.Writer) error) error {
	if !s.IsLive() {
		return write(s)
	}
	var text strings.Builder
	if err := write(&text); err != nil {
		return err
	}
	return s.page(text.String())
}

// page shows text a screenful at a time, with the program in PAGER, or else with less.
func (s *Screen) page(text string) error {
	words := strings.Fields(os.Getenv("PAGER"))
	if len(words) == 0 {
		words = []string{"less", "-R"}
	}
	path, err := exec.LookPath(words[0])
	if err != nil {
		_, err := io.WriteString(s, text)
		return err
	}
	// ^C is only for the pager. We wait until it has restored the terminal.
	signal.Reset(os.Interrupt)
	signal.Notify(make(chan os.Signal, 1), os.Interrupt)
	pager := exec.Command(path, words[1:]...)
	pager.Stdout, pager.Stderr = s.file, os.Stderr
	pager.Env = os.Environ()
	if os.Getenv("LESS") == "" {
		pager.Env = append(pager.Env, "LESS=FR") // with colors, and without waiting if the text fits on the screen
	}
	var styled strings.Builder
	if _, err := (&colorprofile.Writer{Forward: &styled, Profile: s.out.Profile}).WriteString(text); err != nil {
		return err
	}
	pager.Stdin = strings.NewReader(styled.String())
	err = pager.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) && !exit.Exited() {
		return nil // ^C or another signal has ended it
	}
	if err != nil {
		return fmt.Errorf("the pager %s failed: %w; set PAGER to another, such as less", words[0], err)
	}
	return nil
}
