// What the machine has, the same when its state is saved and when it goes on from there. APIC timers (acpi) cost v86 less than
// those of the older chips. The largest messages of the experiments are 32 MiB, and are held twice and more; free memory takes no room
// in the state.
export const machine = {
	memory_size: 512 << 20,
	vga_memory_size: 1 << 20,
	acpi: true,
	uart1: true,
	disable_keyboard: true,
	disable_mouse: true,
	disable_speaker: true,
};
