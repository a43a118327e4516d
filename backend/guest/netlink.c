/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Addresses and links of the guest, by rtnetlink (RFC 3549) and the old ioctls. Calling ip(8)
 * instead would cost 60 ms an address on an emulated CPU. */

#include "backend/guest/guest.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

struct address_request {
  struct nlmsghdr header;
  struct ifaddrmsg message;
  char attributes[96];
};

int
netlink_open_events (void)
{
  struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK};
  int fd = socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);

  if (fd >= 0 && bind (fd, (struct sockaddr *) &address, sizeof address) < 0) {
    close (fd);
    fd = -1;
  }
  return fd;
}

bool
netlink_drain_events (int fd)
{
  char buffer[8192] __attribute__ ((aligned (8)));
  bool seen = false;

  for (;;) {
    ssize_t n = recv (fd, buffer, sizeof buffer, 0);

    if (n < 0 && errno == ENOBUFS) /* events were lost: look again */
      seen = true;
    else if (n <= 0)
      return seen;
    else
      seen = true;
  }
}

int
netlink_find (const char *mac, char *name)
{
  unsigned char wanted[6];
  struct ifaddrs *list;
  int index = 0;

  if (sscanf (mac, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx", &wanted[0], &wanted[1], &wanted[2],
              &wanted[3], &wanted[4], &wanted[5])
      != 6)
    return 0;
  if (getifaddrs (&list) < 0)
    return 0;
  for (struct ifaddrs *i = list; i != NULL && index == 0; i = i->ifa_next) {
    const struct sockaddr_ll *link = (const struct sockaddr_ll *) i->ifa_addr;

    if (link == NULL || link->sll_family != AF_PACKET || link->sll_halen != 6)
      continue;
    /* A VLAN or a bridge on top has the same MAC: only hardware was given to us. */
    if (memcmp (link->sll_addr, wanted, 6) == 0 && strncmp (i->ifa_name, "eth", 3) == 0
        && strchr (i->ifa_name, '.') == NULL) {
      index = link->sll_ifindex;
      snprintf (name, IFNAMSIZ, "%s", i->ifa_name);
    }
  }
  freeifaddrs (list);
  return index;
}

static int
link_ioctl (unsigned long request, struct ifreq *ifr)
{
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  int result = 0;

  if (fd < 0)
    return -errno;
  if (ioctl (fd, request, ifr) < 0)
    result = -errno;
  close (fd);
  return result;
}

int
netlink_rename (const char *from, const char *to)
{
  struct ifreq ifr = {0};

  snprintf (ifr.ifr_name, IFNAMSIZ, "%s", from);
  snprintf (ifr.ifr_newname, IFNAMSIZ, "%s", to);
  return link_ioctl (SIOCSIFNAME, &ifr);
}

int
netlink_set_up (const char *name)
{
  struct ifreq ifr = {0};
  int result;

  snprintf (ifr.ifr_name, IFNAMSIZ, "%s", name);
  result = link_ioctl (SIOCGIFFLAGS, &ifr);
  if (result < 0)
    return result;
  ifr.ifr_flags |= IFF_UP;
  return link_ioctl (SIOCSIFFLAGS, &ifr);
}

static void
add_attribute (struct nlmsghdr *header, unsigned short type, const void *data, size_t size)
{
  struct rtattr *attribute = (void *) ((char *) header + NLMSG_ALIGN (header->nlmsg_len));

  attribute->rta_type = type;
  attribute->rta_len = RTA_LENGTH (size);
  memcpy (RTA_DATA (attribute), data, size);
  header->nlmsg_len = NLMSG_ALIGN (header->nlmsg_len) + RTA_ALIGN (attribute->rta_len);
}

static int
send_request (const struct nlmsghdr *header)
{
  struct {
    struct nlmsghdr header;
    struct nlmsgerr error;
    char rest[512];
  } reply;
  int fd = socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  int result = -EIO;

  if (fd < 0)
    return -errno;
  if (send (fd, header, header->nlmsg_len, 0) == (ssize_t) header->nlmsg_len
      && recv (fd, &reply, sizeof reply, 0) >= (ssize_t) (sizeof reply.header + sizeof (int))
      && reply.header.nlmsg_type == NLMSG_ERROR)
    result = reply.error.error;
  close (fd);
  return result;
}

int
netlink_change_address (int index, const char *text, bool add)
{
  struct address_request request = {
      .header = {.nlmsg_len = NLMSG_LENGTH (sizeof (struct ifaddrmsg)),
                 .nlmsg_type = add ? RTM_NEWADDR : RTM_DELADDR,
                 .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | (add ? NLM_F_CREATE : 0)},
      .message = {.ifa_index = (unsigned) index},
  };
  const char *slash = strchr (text, '/');
  unsigned char binary[16];
  char plain[64];
  size_t size = 4;
  int result;

  if (slash == NULL || (size_t) (slash - text) >= sizeof plain)
    return -EINVAL;
  memcpy (plain, text, (size_t) (slash - text));
  plain[slash - text] = '\0';
  if (inet_pton (AF_INET, plain, binary) == 1) {
    uint32_t host = ntohl (*(uint32_t *) binary);
    int prefix = atoi (slash + 1);
    uint32_t broadcast = htonl (prefix > 0 && prefix < 31 ? host | (0xffffffffu >> prefix) : 0);

    request.message.ifa_family = AF_INET;
    if (broadcast != 0 && add)
      add_attribute (&request.header, IFA_BROADCAST, &broadcast, sizeof broadcast);
  } else if (inet_pton (AF_INET6, plain, binary) == 1) {
    request.message.ifa_family = AF_INET6;
    /* Usable at once: a lab's addresses were given by a person, who sees duplicates. */
    request.message.ifa_flags = IFA_F_NODAD;
    size = 16;
  } else {
    return -EINVAL;
  }
  request.message.ifa_prefixlen = (unsigned char) atoi (slash + 1);
  add_attribute (&request.header, IFA_LOCAL, binary, size);
  add_attribute (&request.header, IFA_ADDRESS, binary, size);
  result = send_request (&request.header);
  return (add && result == -EEXIST) || (!add && result == -EADDRNOTAVAIL) ? 0 : result;
}
