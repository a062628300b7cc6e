"""The freeze plan: where traced money lies, how it is handed on, and which orders keep most of it for least harm."""
