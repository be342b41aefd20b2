/* SPDX-License-Identifier: MIT */
/*
 * Tells the service manager how the server is, in the protocol of
 * sd_notify(3): a datagram to the socket that NOTIFY_SOCKET names.
 */
#ifndef TRICORN_MASTER_NOTIFY_H
#define TRICORN_MASTER_NOTIFY_H

/*
 * Sends "READY=1" and the like, several lines if need be. Does nothing when
 * NOTIFY_SOCKET is not set; failure is of no consequence and not reported.
 */
void notify_send(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
