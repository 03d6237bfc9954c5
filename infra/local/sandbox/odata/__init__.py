"""OData as Microsoft Graph speaks it: query options, filters, pages and delta links."""
