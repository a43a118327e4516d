/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the host must have before a lab can start. Only files are looked at: whether namespaces may
 * be made is found out by lanloom-init, which makes them. */

#include "backend/engine/host.h"

#include <glib/gi18n-lib.h>
#include <glob.h>

#include "backend/engine/paths.h"

#define DPDK_PLUGINS "/usr/{lib,lib64,lib/*}/dpdk/pmds-*"

static const LoomHostNeed needs[] = {
    {"qemu-system-x86_64", NULL, "qemu-system-x86", "7.2"},
    {"qemu-img", NULL, "qemu-utils", "7.2"},
    {"ovsdb-server", NULL, "openvswitch-common", "3.1"},
    {"ovsdb-tool", NULL, "openvswitch-common", "3.1"},
    {"ovs-vswitchd-dpdk", "/usr/lib/openvswitch-switch-dpdk/ovs-vswitchd-dpdk",
     "openvswitch-switch-dpdk", "3.1"},
    /* Debian's switch needs it for packet buffers and does not depend on it: without it machines
     * start and no frame passes. */
    {"librte_mempool_ring", DPDK_PLUGINS "/librte_mempool_ring.so.*", "librte-meta-mempool", NULL,
     DPDK_PLUGINS},
};

/* (transfer full) (nullable): the first file that @pattern names. */
static char *
find_by_pattern (const char *pattern)
{
  glob_t files = {0};
  char *found = NULL;

  if (glob (pattern, GLOB_BRACE, NULL, &files) == 0 && files.gl_pathc > 0)
    found = g_strdup (files.gl_pathv[0]);
  globfree (&files);
  return found;
}

static char *
find_plugin (const LoomHostNeed *need)
{
  g_autofree char *folder = find_by_pattern (need->folders);

  if (folder == NULL)
    return g_strdup (need->name);
  return find_by_pattern (need->path);
}

const LoomHostNeed *
loom_host_list_needs (gsize *ret_n)
{
  *ret_n = G_N_ELEMENTS (needs);
  return needs;
}

char *
loom_host_find_need (const LoomHostNeed *need)
{
  static const char *const folders[] = {"/usr/sbin", "/sbin", "/usr/local/sbin"};
  char *found;

  if (need->folders != NULL)
    return find_plugin (need);
  if (need->path != NULL)
    return g_file_test (need->path, G_FILE_TEST_IS_EXECUTABLE) ? g_strdup (need->path) : NULL;

  found = g_find_program_in_path (need->name);
  /* An ordinary user's PATH leaves out where the daemons are. */
  for (gsize i = 0; found == NULL && i < G_N_ELEMENTS (folders); i++) {
    g_autofree char *path = g_build_filename (folders[i], need->name, NULL);
    if (g_file_test (path, G_FILE_TEST_IS_EXECUTABLE))
      found = g_steal_pointer (&path);
  }
  return found;
}

void
loom_host_problem_free (LoomHostProblem *problem)
{
  g_free (problem->item);
  g_free (problem->package);
  g_free (problem->message);
  g_free (problem);
}

static void
add_problem (GPtrArray *problems, const char *item, const char *package, char *message)
{
  LoomHostProblem *problem = g_new0 (LoomHostProblem, 1);

  problem->item = g_strdup (item);
  problem->package = g_strdup (package);
  problem->message = message;
  g_ptr_array_add (problems, problem);
}

GPtrArray *
loom_host_check (void)
{
  GPtrArray *problems = g_ptr_array_new_with_free_func ((GDestroyNotify) loom_host_problem_free);

  for (gsize i = 0; i < G_N_ELEMENTS (needs); i++) {
    g_autofree char *found = loom_host_find_need (&needs[i]);
    if (found == NULL)
      add_problem (problems, needs[i].name, needs[i].package,
                   g_strdup_printf (
                       needs[i].folders != NULL
                           /* Translators: a plugin, then the Debian package that has it, twice. */
                           ? _ ("“%s”, a plugin of DPDK, is missing: no frame would pass. It is in "
                                "the package %s: “apt install %s”.")
                           /* Translators: a program, then the Debian package that has it, twice. */
                           : _ ("The program “%s” is missing. It is in the package %s: “apt "
                                "install %s”."),
                       needs[i].name, needs[i].package, needs[i].package));
  }

  static const char *const own[] = {"lanloom-init", "lanloom-engine"};
  for (gsize i = 0; i < G_N_ELEMENTS (own); i++) {
    g_autofree char *path = loom_paths_dup_program (own[i]);
    if (!g_file_test (path, G_FILE_TEST_IS_EXECUTABLE))
      add_problem (problems, own[i], NULL,
                   g_strdup_printf (_ ("“%s”, a part of Lanloom, is not at “%s”. Build or "
                                       "install Lanloom again."),
                                    own[i], path));
  }
  return problems;
}

char *
loom_host_problems_to_text (GPtrArray *problems)
{
  if (problems->len == 0)
    return NULL;

  GString *text = g_string_new (NULL);
  for (guint i = 0; i < problems->len; i++) {
    const LoomHostProblem *problem = g_ptr_array_index (problems, i);
    if (i > 0)
      g_string_append_c (text, '\n');
    g_string_append (text, problem->message);
  }
  return g_string_free (text, FALSE);
}
