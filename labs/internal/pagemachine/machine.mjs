// The configuration of the machine. It must be the same when the state is saved and when a page continues from it. APIC timers (acpi)
// cost v86 less than those of the older chips. The largest messages of the experiments have 32 MiB, and are in memory at least twice.
// Free memory takes no room in the state.
export const machine = {
	memory_size: 512 << 20,
	vga_memory_size: 1 << 20,
	acpi: true,
	uart1: true,
	disable_keyboard: true,
	disable_mouse: true,
	disable_speaker: true,
};
