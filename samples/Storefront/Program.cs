using Storefront;
using Storefront.Roles;

// One executable, five roles: without a role it is the demo, which starts itself once per instance with one.
if (args is not [ServiceProcess.RoleArgument, var role, .. var rest])
{
    return await Demo.RunAsync(args);
}

await (role switch
{
    Role.Registry => RegistryService.RunAsync(rest),
    Role.Catalog => CatalogService.RunAsync(rest),
    Role.Orders => OrdersService.RunAsync(rest),
    Role.Storefront => StorefrontService.RunAsync(rest),
    _ => throw new ArgumentException($"There is no role '{role}'."),
});
return 0;
