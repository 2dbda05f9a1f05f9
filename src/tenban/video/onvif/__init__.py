"""What network cameras say of themselves: found by WS-Discovery, asked by ONVIF's SOAP services."""
