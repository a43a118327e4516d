/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A small catalogue for tests: a machine and a switch. */

#pragma once

#include "canvas/model/lab.h"
#include "canvas/model/reader.h"

static inline LoomCatalogue *
make_catalogue (void)
{
  static const char machine[] = "[Node]\nRole=machine\nEngine=qemu\nLabel=Machine\n"
                                "Description=A machine.\nSection=Machines\nIcon=lanloom-machine\n"
                                "Prefix=pc\nOrder=10\nDefaultPorts=1\nMaxPorts=8\n"
                                "DefaultMemoryMiB=128\nMinMemoryMiB=96\nDefaultCpus=1\n"
                                "TakesAddresses=true\n";
  static const char ethernet_switch[] =
      "[Node]\nRole=switch\nEngine=ovs\nLabel=Switch\nDescription=A switch.\n"
      "Section=Switching\nIcon=lanloom-switch\nPrefix=sw\nOrder=30\nDefaultPorts=8\n"
      "MaxPorts=64\n";
  LoomCatalogue *catalogue = loom_catalogue_new ();
  g_autoptr (GError) error = NULL;

  loom_catalogue_add (catalogue, "tiny", machine, sizeof machine - 1, &error);
  g_assert_no_error (error);
  loom_catalogue_add (catalogue, "switch", ethernet_switch, sizeof ethernet_switch - 1, &error);
  g_assert_no_error (error);
  return catalogue;
}

static inline LoomLab *
read_lab (LoomCatalogue *catalogue, const char *text)
{
  g_autoptr (GError) error = NULL;
  LoomLab *lab = loom_reader_read (catalogue, text, strlen (text), NULL, &error);

  g_assert_no_error (error);
  return lab;
}

#define TWO_MACHINES                                                                               \
  "{\n"                                                                                            \
  "  \"lanloom\": 1,\n"                                                                            \
  "  \"name\": \"Two\",\n"                                                                         \
  "  \"nodes\": [\n"                                                                               \
  "    {\"name\": \"pc1\", \"kind\": \"tiny\", \"nics\": 1},\n"                                    \
  "    {\"name\": \"pc2\", \"kind\": \"tiny\", \"nics\": 1}\n"                                     \
  "  ],\n"                                                                                         \
  "  \"links\": [\n"                                                                               \
  "    {\"ends\": [\"pc1:0\", \"pc2:0\"]}\n"                                                       \
  "  ],\n"                                                                                         \
  "  \"canvas\": {\n"                                                                              \
  "    \"pc1\": {\"x\": 100, \"y\": 100},\n"                                                       \
  "    \"pc2\": {\"x\": 300, \"y\": 100}\n"                                                        \
  "  }\n"                                                                                          \
  "}\n"
