// Package rule is Linux's rule for a peer that fails, as code: given our settings and the failure, it computes what our
// call returns, and when. It does not ask the kernel; the experiments measure what the kernel does.
//
//	settings.go   what our side has set, and what the system has
//	failure.go    what may happen to the other side
//	predict.go    everything that may end our call, the earliest first
//	event.go      what ends a call, how and when
//	idle.go       an idle connection: what our side sends, and what comes back
//	keepalive.go  the probes, with and without TCP_USER_TIMEOUT
//	sending.go    unacknowledged and lost data, zero windows, data that a proxy has acknowledged
//	connect.go    a SYN that nobody answers
//	wheel.go      how late the kernel's timers are
//	remarks.go    remarks on settings that do not do what one expects
//	result.go     the outcome of a failure, predicted and measured
//	flags.go      the settings as flags
//
// The sources are tcp(7), ip-sysctl in the kernel's documentation, RFC 1122, 5482, 6298 and 9293, and these functions
// of Linux, from 6.1 to 6.18:
//
//	tcp_keepalive_timer               keepalive probes of an idle connection
//	tcp_retransmit_timer              retransmissions
//	tcp_write_timeout                 when the retransmissions end
//	retransmits_timed_out             whether the time for retransmissions is over
//	tcp_model_timeout                 how tcp_retries2 becomes a time
//	tcp_clamp_rto_to_user_timeout     shortens the retransmission timer, so that the connection ends in time for TCP_USER_TIMEOUT
//	tcp_probe_timer                   zero-window probes
//	tcp_clamp_probe0_to_user_timeout  shortens the timer of zero-window probes for the same reason
//	tcp_schedule_loss_probe           the tail loss probe before the first retransmission
//	calc_wheel_index                  how late a timer expires
//
// The last is in kernel/time/timer.c, all others are in net/ipv4/tcp_timer.c and tcp_output.c.
package rule
