/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The command line of QEMU.
 *
 * What is not obvious:
 *  - vhost-user needs the guest's memory in a shared memory file.
 *  - Under TCG, QEMU 7.2 crashes in its MSI-X notifiers when a vhost-user NIC, a virtio-serial or
 *    a virtio-blk device starts with MSI-X: those get vectors=0 there, and only there.
 *  - Places on the PCI bus are fixed, so that NICs keep their order and hotplugged ones follow.
 *  - QEMU is the server of every socket: the switch and the engine may go and come back.
 *  - -S: the engine sets links before the guest can see them.
 *  - The sandbox denies QEMU new processes, privileges and scheduling: it needs none of them. */

#include "backend/qemu/argv.h"

#include "backend/guest/protocol.h"

#include <string.h>

#define SLOT_SERIAL 0x04
#define SLOT_RNG 0x05
#define SLOT_DISK 0x06
#define SLOT_USB 0x07
#define SLOT_NIC 0x10 /* and the next LOOM_GUEST_MAX_NICS - 1 */

static const char kernel_words[] =
    "console=tty0 console=ttyS0 quiet loglevel=3 "
    /* What makes no sense in a lab's guest and costs half a second of an emulated boot. */
    "cryptomgr.notests nokaslr audit=0 nowatchdog mitigations=off no_timer_check "
    "random.trust_cpu=on "
    "rcupdate.rcu_expedited=1";

G_GNUC_PRINTF (3, 4)
static void
add (GPtrArray *argv, const char *option, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_ptr_array_add (argv, g_strdup (option));
  g_ptr_array_add (argv, g_strdup_vprintf (format, arguments));
  va_end (arguments);
}

/* QEMU's option parser ends a value at a comma; a doubled one stands for itself. */
static char *
escape (const char *value)
{
  g_auto (GStrv) parts = g_strsplit (value, ",", -1);

  return g_strjoinv (",,", parts);
}

static char *
dup_escaped_path (const LoomGuestSpec *spec, const char *suffix)
{
  g_autofree char *path = loom_guest_spec_dup_path (spec, suffix);

  return escape (path);
}

static const char *
vectors (const LoomGuestSpec *spec)
{
  return spec->accel == LOOM_ACCEL_TCG ? ",vectors=0" : "";
}

char **
loom_qemu_nic_properties (const LoomGuestSpec *spec, guint index, const char *mac)
{
  GPtrArray *pairs = g_ptr_array_new ();
  const char *fixed[] = {"driver", "virtio-net-pci", "bus", "pci.0"};

  for (guint i = 0; i < G_N_ELEMENTS (fixed); i++)
    g_ptr_array_add (pairs, g_strdup (fixed[i]));
  g_ptr_array_add (pairs, g_strdup ("id"));
  g_ptr_array_add (pairs, g_strdup_printf ("nic%u", index));
  g_ptr_array_add (pairs, g_strdup ("netdev"));
  g_ptr_array_add (pairs, g_strdup_printf ("net%u", index));
  g_ptr_array_add (pairs, g_strdup ("mac"));
  g_ptr_array_add (pairs, g_strdup (mac));
  g_ptr_array_add (pairs, g_strdup ("addr"));
  g_ptr_array_add (pairs, g_strdup_printf ("0x%x", SLOT_NIC + index));
  /* No boot by network: its ROM would cost time and memory. */
  g_ptr_array_add (pairs, g_strdup ("romfile"));
  g_ptr_array_add (pairs, g_strdup (""));
  if (spec->accel == LOOM_ACCEL_TCG) {
    g_ptr_array_add (pairs, g_strdup ("vectors"));
    g_ptr_array_add (pairs, g_strdup ("0"));
  }
  g_ptr_array_add (pairs, NULL);
  return (char **) g_ptr_array_free (pairs, FALSE);
}

static void
add_nic (GPtrArray *argv, const LoomGuestSpec *spec, guint index)
{
  const LoomGuestNic *nic = spec->nics->pdata[index];
  g_auto (GStrv) pairs = loom_qemu_nic_properties (spec, index, nic->mac);
  g_autofree char *path = escape (nic->vhost_path);
  GString *device = g_string_new (pairs[1]);

  for (guint i = 2; pairs[i] != NULL; i += 2)
    g_string_append_printf (device, ",%s=%s", pairs[i], pairs[i + 1]);
  add (argv, "-chardev", "socket,id=vhost%u,path=%s,server=on,wait=off", index, path);
  add (argv, "-netdev", "vhost-user,id=net%u,chardev=vhost%u", index, index);
  add (argv, "-device", "%s", device->str);
  g_string_free (device, TRUE);
}

static void
add_machine (GPtrArray *argv, const LoomGuestSpec *spec)
{
  add (argv, "-name", "guest=%s,debug-threads=on", spec->name);
  add (argv, "-machine", "pc,memory-backend=mem,usb=off,vmport=off,dump-guest-core=off");
  /* Translated code is kept in at most 128 MiB; QEMU's own choice is up to 1 GiB a machine. */
  add (argv, "-accel", "%s", spec->accel == LOOM_ACCEL_KVM ? "kvm" : "tcg,tb-size=128");
  add (argv, "-cpu", "%s", spec->accel == LOOM_ACCEL_KVM ? "host" : "qemu64");
  add (argv, "-object", "memory-backend-memfd,id=mem,size=%dM,share=on", spec->memory_mib);
  add (argv, "-m", "%d", spec->memory_mib);
  add (argv, "-smp", "%d", spec->n_cpus);
  add (argv, "-rtc", "base=utc,clock=host");
  add (argv, "-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny");
  add (argv, "-msg", "timestamp=off");
}

static void
add_boot (GPtrArray *argv, const LoomGuestSpec *spec)
{
  if (spec->kernel != NULL) {
    add (argv, "-kernel", "%s", spec->kernel);
    if (spec->initrd != NULL)
      add (argv, "-initrd", "%s", spec->initrd);
    add (argv, "-append", "%s%s%s", kernel_words, spec->append != NULL ? " " : "",
         spec->append != NULL ? spec->append : "");
  }
  if (spec->disk != NULL) {
    g_autofree char *disk = escape (spec->disk);

    /* The overlay alone is opened for writing; QEMU opens what it lies on read-only. */
    add (argv, "-blockdev", "driver=file,node-name=file0,filename=%s,discard=unmap", disk);
    add (argv, "-blockdev", "driver=qcow2,node-name=disk0,file=file0,discard=unmap");
    add (argv, "-device", "virtio-blk-pci,drive=disk0,addr=0x%x,bootindex=1%s", SLOT_DISK,
         vectors (spec));
    /* A pointer that knows where it is; the guest that ships has no use for one. */
    add (argv, "-device", "qemu-xhci,id=usb,addr=0x%x", SLOT_USB);
    add (argv, "-device", "usb-tablet,bus=usb.0");
  }
}

static void
add_consoles (GPtrArray *argv, const LoomGuestSpec *spec)
{
  g_autofree char *serial = dup_escaped_path (spec, "serial");
  g_autofree char *spice = dup_escaped_path (spec, "spice");

  add (argv, "-chardev", "socket,id=serial0,path=%s,server=on,wait=off", serial);
  add (argv, "-serial", "chardev:serial0");
  add (argv, "-vga", "std");
  add (argv, "-display", "none");
  add (argv, "-spice", "unix=on,addr=%s,disable-ticketing=on,disable-copy-paste=on", spice);
}

static void
add_agent (GPtrArray *argv, const LoomGuestSpec *spec)
{
  g_autofree char *socket = dup_escaped_path (spec, "agent");
  g_autofree char *config = dup_escaped_path (spec, "conf");

  add (argv, "-device", "virtio-serial-pci,id=ports,max_ports=2,addr=0x%x%s", SLOT_SERIAL,
       vectors (spec));
  add (argv, "-chardev", "socket,id=agent0,path=%s,server=on,wait=off", socket);
  add (argv, "-device",
       "virtserialport,id=agent,bus=ports.0,nr=1,chardev=agent0,name=" LOOM_AGENT_PORT);
  add (argv, "-fw_cfg", "name=" LOOM_AGENT_FW_CFG ",file=%s", config);
}

char **
loom_qemu_argv (const LoomGuestSpec *spec)
{
  GPtrArray *argv = g_ptr_array_new ();

  g_ptr_array_add (argv, g_strdup (spec->program));
  g_ptr_array_add (argv, g_strdup ("-nodefaults"));
  g_ptr_array_add (argv, g_strdup ("-no-user-config"));
  g_ptr_array_add (argv, g_strdup ("-S"));
  add_machine (argv, spec);
  add (argv, "-chardev", "socket,id=qmp0,fd=%d,server=on,wait=off", LOOM_QEMU_FD_QMP);
  add (argv, "-mon", "chardev=qmp0,mode=control");
  add_boot (argv, spec);
  add_consoles (argv, spec);
  if (spec->has_agent)
    add_agent (argv, spec);
  add (argv, "-device", "virtio-rng-pci,addr=0x%x%s", SLOT_RNG, vectors (spec));
  for (guint i = 0; i < spec->nics->len; i++)
    add_nic (argv, spec, i);
  g_ptr_array_add (argv, NULL);
  return (char **) g_ptr_array_free (argv, FALSE);
}
