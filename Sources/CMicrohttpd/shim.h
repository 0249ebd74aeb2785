// What the Swift side of this module needs of libmicrohttpd; its starting function is variadic.
#pragma once

#include <microhttpd.h>

struct http_start {
  int socket;
  unsigned int connections;
  unsigned int connections_per_address;
  size_t connection_bytes;
  unsigned int idle_seconds;
  // PEM texts; null without TLS.
  const char *key;
  const char *certificate;
};

// Starts a daemon on a bound and listening socket; it has one thread of its own.
static inline struct MHD_Daemon *http_daemon_start(
    struct http_start start, MHD_AccessHandlerCallback handler, MHD_RequestCompletedCallback completed,
    MHD_NotifyConnectionCallback connection, void *context) {
  unsigned int flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME;
  struct MHD_OptionItem tls[] = {
      {MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)start.key},
      {MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)start.certificate},
      {MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)"SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"},
      {MHD_OPTION_END, 0, NULL}};
  struct MHD_OptionItem none[] = {{MHD_OPTION_END, 0, NULL}};
  if (start.key != NULL) flags |= MHD_USE_TLS;
  return MHD_start_daemon(
      flags, 0, NULL, NULL, handler, context,
      MHD_OPTION_LISTEN_SOCKET, start.socket,
      MHD_OPTION_CONNECTION_LIMIT, start.connections,
      MHD_OPTION_PER_IP_CONNECTION_LIMIT, start.connections_per_address,
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, start.connection_bytes,
      MHD_OPTION_CONNECTION_TIMEOUT, start.idle_seconds,
      MHD_OPTION_STRICT_FOR_CLIENT, 1,
      MHD_OPTION_NOTIFY_COMPLETED, completed, context,
      MHD_OPTION_NOTIFY_CONNECTION, connection, context,
      MHD_OPTION_ARRAY, start.key != NULL ? tls : none,
      MHD_OPTION_END);
}

// The socket of a connection.
static inline int http_connection_socket(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  return info == NULL ? -1 : info->connect_fd;
}
