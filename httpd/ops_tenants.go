package httpd

import (
	"scaidrive/engine"
	"scaidrive/httpd/openapi"
	"scaidrive/httpd/wire"
)

var (
	partnerID = openapi.Need("id", openapi.ID(engine.PrefixPartner), "The partner.")
	tenantID  = openapi.Need("tenant_id", openapi.ID(engine.PrefixTenant), "The tenant.")
)

var (
	opGetTenant = op{
		Name: "getTenant", Tag: tagAdmin, Summary: "The caller's tenant and its settings",
		Answers: gives(200, wire.Tenant{}, "The tenant."),
	}
	opUpdateTenant = op{
		Name: "updateTenant", Tag: tagAdmin, Summary: "Change the settings of the caller's tenant",
		Body:    wire.UpdateTenant{},
		Answers: gives(200, wire.Tenant{}, "The tenant as it is now."),
	}
	opListPartners = op{
		Name: "listPartners", Tag: tagAdmin, Summary: "The partners that the caller administers",
		Query:   paged,
		Answers: gives(200, wire.Partners{}, "A page of partners."),
	}
	opCreatePartner = op{
		Name: "createPartner", Tag: tagAdmin, Summary: "Make a partner",
		Body:    wire.CreatePartner{},
		Answers: gives(201, wire.Partner{}, "The partner."),
		Fails:   list(409),
	}
	opSuspendPartner = op{
		Name: "suspendPartner", Tag: tagAdmin, Summary: "Shut a partner out with all its tenants",
		About:   "Everybody in them is refused from the next request on, the partner's own staff too; nothing is removed. The caller's own can't be (409).",
		Path:    list(partnerID),
		Answers: gives(200, wire.Partner{}, "The partner as it is now."),
		Fails:   list(409),
	}
	opActivatePartner = op{
		Name: "activatePartner", Tag: tagAdmin, Summary: "Let a partner in again",
		Path:    list(partnerID),
		Answers: gives(200, wire.Partner{}, "The partner as it is now."),
	}
	opListTenants = op{
		Name: "listTenants", Tag: tagAdmin, Summary: "The tenants of a partner",
		Path:    list(partnerID),
		Query:   paged,
		Answers: gives(200, wire.Tenants{}, "A page of tenants."),
	}
	opCreateTenant = op{
		Name: "createTenant", Tag: tagAdmin, Summary: "Make a tenant of a partner",
		About:   "Its first administrator is invited: the answer holds the link to hand over, this once. The partner's staff sees nothing of what is in it.",
		Path:    list(partnerID),
		Body:    wire.CreateTenant{},
		Answers: gives(201, wire.NewTenant{}, "The tenant."),
		Fails:   list(409),
	}
	opSuspendTenant = op{
		Name: "suspendTenant", Tag: tagAdmin, Summary: "Shut a tenant out",
		About:   "Everybody in it is refused from the next request on; nothing is removed. The caller's own can't be (409).",
		Path:    list(partnerID, tenantID),
		Answers: gives(200, wire.Tenant{}, "The tenant as it is now."),
		Fails:   list(409),
	}
	opActivateTenant = op{
		Name: "activateTenant", Tag: tagAdmin, Summary: "Let a tenant in again",
		Path:    list(partnerID, tenantID),
		Answers: gives(200, wire.Tenant{}, "The tenant as it is now."),
	}
)
