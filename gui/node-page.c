/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The inspector of a node: what it is called and made of, and, for machines, its network cards and
 * boot script. How it is doing is in node-life.c, its ports are in port-rows.c. */

#include "gui/inspector-page.h"

#include <glib/gi18n-lib.h>

#include "canvas/model/edit.h"
#include "gui/after-entry.h"
#include "gui/form.h"
#include "gui/image-entry.h"
#include "gui/node-life.h"
#include "gui/port-rows.h"

#define MAX_MEMORY_MIB (1024 * 1024)
#define MAX_CPUS 64

#define LOOM_TYPE_NODE_PAGE (loom_node_page_get_type ())
G_DECLARE_FINAL_TYPE (LoomNodePage, loom_node_page, LOOM, NODE_PAGE, LoomInspectorPage)

struct _LoomNodePage {
  LoomInspectorPage parent_instance;

  char *node;
  GtkEntry *name;
  LoomNodeLife *life;
  GtkSpinButton *memory;
  GtkSpinButton *cpus;
  GtkSpinButton *n_ports;
  LoomImageEntry *image;
  GtkEntry *after;
  GtkTextView *boot;
  LoomPortRows *ports;
};

G_DEFINE_TYPE (LoomNodePage, loom_node_page, LOOM_TYPE_INSPECTOR_PAGE)

static LoomNode *
get_node (LoomNodePage *self)
{
  return loom_lab_get_node (loom_inspector_page_get_lab (LOOM_INSPECTOR_PAGE (self)), self->node);
}

static gboolean
is_busy (LoomNodePage *self)
{
  return loom_inspector_page_is_updating (LOOM_INSPECTOR_PAGE (self))
         || gtk_widget_in_destruction (GTK_WIDGET (self)) || get_node (self) == NULL;
}

/* @after: (transfer full) */
static gboolean
set_node (LoomNodePage *self, LoomNode *after, const char *field)
{
  LoomInspectorPage *page = LOOM_INSPECTOR_PAGE (self);
  g_autoptr (LoomNode) owned = after;
  g_autofree char *merge_key = field != NULL ? g_strdup_printf ("%s:%s", field, self->node) : NULL;
  GError *error = NULL;
  LoomChange *change = loom_edit_set_node (loom_inspector_page_get_lab (page), owned, &error);
  gboolean done = loom_inspector_page_do (page, change, merge_key, error);

  if (!done)
    loom_inspector_page_update (page);
  return done;
}

static void
commit_name (LoomNodePage *self)
{
  LoomInspectorPage *page = LOOM_INSPECTOR_PAGE (self);
  const char *name = gtk_entry_get_text (self->name);
  g_autoptr (GError) error = NULL;
  LoomChange *change;

  if (is_busy (self) || g_str_equal (name, self->node))
    return;
  change = loom_edit_rename (loom_inspector_page_get_lab (page), self->node, name, &error);
  loom_form_set_entry_error (self->name, error != NULL ? error->message : NULL);
  loom_inspector_page_do (page, change, NULL, g_steal_pointer (&error));
}

static void
on_name_activate (GtkEntry *entry, LoomNodePage *self)
{
  commit_name (self);
}

static gboolean
on_name_focus_out (GtkWidget *widget, GdkEvent *event, LoomNodePage *self)
{
  commit_name (self);
  return GDK_EVENT_PROPAGATE;
}

static void
on_memory_changed (GtkSpinButton *spin, LoomNodePage *self)
{
  LoomNode *after;

  if (is_busy (self))
    return;
  after = loom_node_copy (get_node (self));
  after->memory_mib = gtk_spin_button_get_value_as_int (spin);
  set_node (self, after, "memory");
}

static void
on_cpus_changed (GtkSpinButton *spin, LoomNodePage *self)
{
  LoomNode *after;

  if (is_busy (self))
    return;
  after = loom_node_copy (get_node (self));
  after->n_cpus = gtk_spin_button_get_value_as_int (spin);
  set_node (self, after, "cpus");
}

static void
on_n_ports_changed (GtkSpinButton *spin, LoomNodePage *self)
{
  LoomNode *after;

  if (is_busy (self))
    return;
  after = loom_node_copy (get_node (self));
  loom_node_set_n_ports (after, gtk_spin_button_get_value_as_int (spin));
  set_node (self, after, "ports");
}

static gboolean
on_spin_focus_out (GtkWidget *widget, GdkEvent *event, LoomNodePage *self)
{
  loom_history_break (
      loom_document_get_history (loom_inspector_page_get_document (LOOM_INSPECTOR_PAGE (self))));
  return GDK_EVENT_PROPAGATE;
}

static void
on_image_chosen (LoomImageEntry *entry, const char *image, LoomNodePage *self)
{
  LoomNode *after;

  if (is_busy (self))
    return;
  after = loom_node_copy (get_node (self));
  g_free (after->image);
  after->image = image[0] != '\0' ? g_strdup (image) : NULL;
  set_node (self, after, NULL);
}

static void
on_image_message (LoomImageEntry *entry, const char *text, LoomNodePage *self)
{
  loom_inspector_page_say (LOOM_INSPECTOR_PAGE (self), "error", text);
}

static void
commit_after (LoomNodePage *self)
{
  LoomNode *after = is_busy (self) ? NULL
                                   : loom_after_entry_dup_node (self->after, get_node (self));

  if (after != NULL && !set_node (self, after, NULL))
    loom_after_entry_update (self->after, get_node (self));
}

static void
on_after_activate (GtkEntry *entry, LoomNodePage *self)
{
  commit_after (self);
}

static gboolean
on_after_focus_out (GtkWidget *widget, GdkEvent *event, LoomNodePage *self)
{
  commit_after (self);
  return GDK_EVENT_PROPAGATE;
}

static char *
dup_boot (LoomNodePage *self)
{
  GtkTextIter start, end;
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->boot);

  gtk_text_buffer_get_bounds (buffer, &start, &end);
  return gtk_text_buffer_get_text (buffer, &start, &end, FALSE);
}

static gboolean
on_boot_focus_out (GtkWidget *widget, GdkEvent *event, LoomNodePage *self)
{
  g_autofree char *text = NULL;
  LoomNode *after;

  if (is_busy (self))
    return GDK_EVENT_PROPAGATE;
  text = dup_boot (self);
  if (g_strcmp0 (text, get_node (self)->boot != NULL ? get_node (self)->boot : "") == 0)
    return GDK_EVENT_PROPAGATE;
  after = loom_node_copy (get_node (self));
  g_free (after->boot);
  after->boot = text[0] != '\0' ? g_steal_pointer (&text) : NULL;
  set_node (self, after, NULL);
  return GDK_EVENT_PROPAGATE;
}

static void
on_open_console (LoomNodeLife *life, const char *type, LoomNodePage *self)
{
  loom_inspector_page_open_console (LOOM_INSPECTOR_PAGE (self), self->node, type);
}

static void
update_machine (LoomNodePage *self, const LoomNode *node, const LoomKind *kind)
{
  gtk_spin_button_set_value (self->memory,
                             node->memory_mib > 0 ? node->memory_mib : kind->default_memory_mib);
  gtk_spin_button_set_value (self->cpus, node->n_cpus > 0 ? node->n_cpus : kind->default_cpus);
  if (self->image != NULL)
    loom_image_entry_set (self->image, node->image);
  loom_after_entry_update (self->after, node);
  if (self->boot != NULL && !gtk_widget_has_focus (GTK_WIDGET (self->boot))) {
    g_autofree char *shown = dup_boot (self);

    if (g_strcmp0 (shown, node->boot != NULL ? node->boot : "") != 0)
      gtk_text_buffer_set_text (gtk_text_view_get_buffer (self->boot),
                                node->boot != NULL ? node->boot : "", -1);
  }
}

static void
loom_node_page_update (LoomInspectorPage *page)
{
  LoomNodePage *self = LOOM_NODE_PAGE (page);
  LoomLab *lab = loom_inspector_page_get_lab (page);
  const LoomNode *node = get_node (self);
  const LoomKind *kind = node != NULL ? loom_lab_get_kind (lab, node) : NULL;

  if (kind == NULL)
    return;
  loom_form_set_entry (self->name, node->name);
  gtk_spin_button_set_value (self->n_ports, node->n_ports);
  if (self->memory != NULL)
    update_machine (self, node, kind);
  if (self->ports != NULL)
    loom_port_rows_update (self->ports, lab, node);
  loom_node_life_update (self->life);
}

static GtkSpinButton *
make_spin (int min, int max, int step)
{
  GtkWidget *spin = gtk_spin_button_new_with_range (min, max, step);

  gtk_spin_button_set_numeric (GTK_SPIN_BUTTON (spin), TRUE);
  gtk_entry_set_width_chars (GTK_ENTRY (spin), 6);
  return GTK_SPIN_BUTTON (spin);
}

static void
build_head (LoomNodePage *self, const LoomKind *kind)
{
  gboolean is_machine = kind->role == LOOM_ROLE_MACHINE;
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10);
  g_autofree char *icon_name = g_strdup_printf ("%s-symbolic", kind->icon);
  GtkWidget *icon = gtk_image_new_from_icon_name (icon_name, GTK_ICON_SIZE_DND);

  gtk_container_add (GTK_CONTAINER (row), icon);
  loom_form_add_title (GTK_CONTAINER (row), kind->label);
  gtk_container_add (GTK_CONTAINER (self), row);
  self->life = LOOM_NODE_LIFE (loom_node_life_new (
      loom_inspector_page_get_session (LOOM_INSPECTOR_PAGE (self)), self->node, is_machine));
  gtk_container_add (GTK_CONTAINER (self), GTK_WIDGET (self->life));
  g_signal_connect (self->life, "open-console", G_CALLBACK (on_open_console), self);
}

static void
build_image (LoomNodePage *self, GtkGrid *grid)
{
  LoomDocument *document = loom_inspector_page_get_document (LOOM_INSPECTOR_PAGE (self));

  self->image = LOOM_IMAGE_ENTRY (loom_image_entry_new (document));
  loom_form_add_row (grid, _ ("Image"), GTK_WIDGET (self->image));
  g_signal_connect (self->image, "chosen", G_CALLBACK (on_image_chosen), self);
  g_signal_connect (self->image, "message", G_CALLBACK (on_image_message), self);
}

static void
build_machine (LoomNodePage *self, GtkGrid *grid, const LoomKind *kind)
{
  self->memory = make_spin (MAX (kind->min_memory_mib, 1), MAX_MEMORY_MIB, 32);
  loom_form_add_row (grid, _ ("Memory (MiB)"), GTK_WIDGET (self->memory));
  self->cpus = make_spin (1, MAX_CPUS, 1);
  loom_form_add_row (grid, _ ("CPUs"), GTK_WIDGET (self->cpus));
  g_signal_connect (self->memory, "value-changed", G_CALLBACK (on_memory_changed), self);
  g_signal_connect (self->memory, "focus-out-event", G_CALLBACK (on_spin_focus_out), self);
  g_signal_connect (self->cpus, "value-changed", G_CALLBACK (on_cpus_changed), self);
  g_signal_connect (self->cpus, "focus-out-event", G_CALLBACK (on_spin_focus_out), self);
  if (kind->needs_image)
    build_image (self, grid);
  self->after = loom_after_entry_add (grid);
  g_signal_connect (self->after, "activate", G_CALLBACK (on_after_activate), self);
  g_signal_connect (self->after, "focus-out-event", G_CALLBACK (on_after_focus_out), self);
}

static void
build_boot (LoomNodePage *self)
{
  GtkWidget *frame = gtk_scrolled_window_new (NULL, NULL);

  loom_form_add_section (GTK_CONTAINER (self), _ ("Boot Script"));
  self->boot = GTK_TEXT_VIEW (gtk_text_view_new ());
  gtk_text_view_set_monospace (self->boot, TRUE);
  gtk_text_view_set_accepts_tab (self->boot, FALSE);
  gtk_text_view_set_left_margin (self->boot, 8);
  gtk_text_view_set_top_margin (self->boot, 6);
  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (self->boot)), _ ("Boot Script"));
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->boot),
                               _ ("Commands run inside the machine each time it has booted."));
  gtk_scrolled_window_set_shadow_type (GTK_SCROLLED_WINDOW (frame), GTK_SHADOW_IN);
  gtk_scrolled_window_set_min_content_height (GTK_SCROLLED_WINDOW (frame), 96);
  gtk_container_add (GTK_CONTAINER (frame), GTK_WIDGET (self->boot));
  gtk_container_add (GTK_CONTAINER (self), frame);
  g_signal_connect (self->boot, "focus-out-event", G_CALLBACK (on_boot_focus_out), self);
}

static void
on_ports_edited (LoomPortRows *rows, LoomNode *after, LoomNodePage *self)
{
  if (!is_busy (self))
    set_node (self, loom_node_ref (after), NULL);
}

static void
build (LoomNodePage *self, const LoomKind *kind)
{
  GtkWidget *grid;
  gboolean is_machine = kind->role == LOOM_ROLE_MACHINE;

  build_head (self, kind);
  grid = loom_form_add_grid (GTK_CONTAINER (self));
  self->name = GTK_ENTRY (gtk_entry_new ());
  gtk_entry_set_max_length (self->name, LOOM_NODE_NAME_MAX);
  gtk_entry_set_width_chars (self->name, 10);
  loom_form_add_row (GTK_GRID (grid), _ ("Name"), GTK_WIDGET (self->name));
  g_signal_connect (self->name, "activate", G_CALLBACK (on_name_activate), self);
  g_signal_connect (self->name, "focus-out-event", G_CALLBACK (on_name_focus_out), self);
  if (is_machine)
    build_machine (self, GTK_GRID (grid), kind);
  self->n_ports = make_spin (1, kind->max_ports, 1);
  loom_form_add_row (GTK_GRID (grid), is_machine ? _ ("Network cards") : _ ("Ports"),
                     GTK_WIDGET (self->n_ports));
  g_signal_connect (self->n_ports, "value-changed", G_CALLBACK (on_n_ports_changed), self);
  g_signal_connect (self->n_ports, "focus-out-event", G_CALLBACK (on_spin_focus_out), self);
  if (kind->takes_addresses || kind->role == LOOM_ROLE_SWITCH) {
    loom_form_add_section (GTK_CONTAINER (self), is_machine ? _ ("Addresses") : _ ("VLANs"));
    self->ports = LOOM_PORT_ROWS (loom_port_rows_new (is_machine));
    gtk_container_add (GTK_CONTAINER (self), GTK_WIDGET (self->ports));
    g_signal_connect (self->ports, "edited", G_CALLBACK (on_ports_edited), self);
  }
  if (kind->takes_addresses)
    build_boot (self);
}

static void
loom_node_page_finalize (GObject *object)
{
  g_free (LOOM_NODE_PAGE (object)->node);
  G_OBJECT_CLASS (loom_node_page_parent_class)->finalize (object);
}

static void
loom_node_page_class_init (LoomNodePageClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = loom_node_page_finalize;
  LOOM_INSPECTOR_PAGE_CLASS (klass)->update = loom_node_page_update;
}

static void
loom_node_page_init (LoomNodePage *self)
{
}

GtkWidget *
loom_node_page_new (LoomDocument *document, LoomSession *session, const char *name)
{
  LoomNodePage *self = g_object_new (LOOM_TYPE_NODE_PAGE, NULL);
  LoomLab *lab = loom_document_get_lab (document);

  self->node = g_strdup (name);
  loom_inspector_page_set_sources (LOOM_INSPECTOR_PAGE (self), document, session);
  build (self, loom_lab_get_kind (lab, loom_lab_get_node (lab, name)));
  gtk_widget_show_all (GTK_WIDGET (self));
  loom_inspector_page_update (LOOM_INSPECTOR_PAGE (self));
  return GTK_WIDGET (self);
}
