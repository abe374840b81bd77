package wire

import (
	"fmt"
	"io"

	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
)

// WritePcapng writes frames as Wireshark and tshark read them, each with a comment.
func WritePcapng(w io.Writer, title string, frames []Frame, comments []string) error {
	loopback := pcapgo.DefaultNgInterface
	loopback.Name = "lo"
	loopback.LinkType = layers.LinkTypeEthernet
	options := pcapgo.DefaultNgWriterOptions
	options.SectionInfo.Comment = title
	file, err := pcapgo.NewNgWriterInterface(w, loopback, options)
	if err != nil {
		return fmt.Errorf("wire: write: %w", err)
	}
	for i, f := range frames {
		f.Info.InterfaceIndex = 0
		err := file.WritePacketWithOptions(f.Info, f.Data, pcapgo.NgPacketOptions{Comments: []string{comments[i]}})
		if err != nil {
			return fmt.Errorf("wire: write: %w", err)
		}
	}
	if err := file.Flush(); err != nil {
		return fmt.Errorf("wire: write: %w", err)
	}
	return nil
}
