"""What the views show: lists and filters, without a widget."""
