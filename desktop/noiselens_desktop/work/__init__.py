"""What the app does off the GUI thread; free of Qt."""
