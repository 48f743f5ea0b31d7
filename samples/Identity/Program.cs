using Identity;
using Identity.Issuer;
using Identity.Recording;
using Identity.Roles;

// One executable, six roles: without a role it is the demo, which starts itself once per process with one.
if (args is not [ServiceProcess.RoleArgument, var role, .. var rest])
{
    return await Demo.RunAsync(args);
}

await (role switch
{
    Role.Issuer => IssuerService.RunAsync(rest),
    Role.Storefront => StorefrontService.RunAsync(rest),
    Role.Orders => OrdersService.RunAsync(rest),
    Role.Payments => PaymentsService.RunAsync(rest),
    Role.Audit or Role.Stranger => RecorderService.RunAsync(rest),
    _ => throw new ArgumentException($"There is no role '{role}'."),
});
return 0;
