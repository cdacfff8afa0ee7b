"""What customers see in a browser: the page with form and status look-up, the chat, and the widget for other sites."""
