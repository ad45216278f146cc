"""socialdesk: a social-media monitoring and contact-handling desk for police contact centres."""
